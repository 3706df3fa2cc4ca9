
(() => {
  const form = document.getElementById("search"), said = form.querySelector("output");
  const pages = [...document.querySelectorAll("#pages > li")];
  form.hidden = false;
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", () => {
    const words = document.getElementById("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = text => words.every(word => text.toLowerCase().includes(word));
    for (const page of pages) {
      const own = holds(page.dataset.title), sections = [...page.querySelectorAll(".sections li")];
      for (const section of sections) section.hidden = !own && !holds(section.textContent);
      const found = sections.some(section => !section.hidden);
      page.hidden = !own && !found;
      const list = page.querySelector(".sections");
      if (list) list.parentElement.open = words.length > 0 && !own && found;
    }
    const shown = pages.filter(page => !page.hidden).length;
    said.textContent = words.length ? `${shown} of ${pages.length} pages` : "";
  });
})();
