"""``w2s sets``: what can be loaded by name, from where, under which licence, how large."""

from __future__ import annotations

import click

from ..data import datasets, registry
from ..molecules import chembench
from ..texts import classification, regression

KILOBYTE = 1000
REGISTERED = {
    name: module.__name__ for module in (chembench, regression, classification) for name in module.NAMES
}
"""By set, the module that says how it is read."""


@click.command()
@click.option("--check", is_flag=True, help="Look for every file; what is missing is downloaded.")
def sets(check: bool) -> None:
    """The data sets of the registry: size, source, licence."""
    found = {one.dataset: one for one in datasets.status()} if check else {}
    for name in datasets.names():
        entries = [registry.entry(file) for file in datasets.files(name)]
        first = entries[0]
        size = sum(entry.bytes for entry in entries) / KILOBYTE
        click.echo(f"{name}: {first.description}")
        click.echo(f"  {len(entries)} files, {size:,.0f} kB, from {first.url.rsplit('/', 1)[0]}")
        click.echo(f"  licence: {first.licence}")
        click.echo(f"  cite: {first.citation}")
        if check:
            click.echo(f"  {found[name].source}: {found[name].message}")
        module = REGISTERED.get(name, "the module that registers it")
        click.echo(f'  load: w2s_utils.data.datasets.load("{name}"), after import {module}')
    click.echo(
        "diabetes, digits: come with scikit-learn; load: w2s_utils.own_data.examples.example(name, revealed, seed)"
    )
