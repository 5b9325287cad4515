"""The same batches here, on more cores, on a cluster: whoever makes a part, its bytes are the same.

`analyze_batch` is what an engine that hands over Arrow tables calls by itself (Spark's
`mapInArrow`, Ray Data's `map_batches`): see docs/scale.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from stance import crew
from stance.errors import InputError
from stance.parts import TABLES, Part, Recipe, analyzers_of, decode, encode, make_part
from stance.reading.raw import FIELDS, Known, Raw

if TYPE_CHECKING:
    import pyarrow as pa

ENGINES = ("local", "dask")
_AHEAD = 3
_Context = TypeVar("_Context")
_Batches = Iterable[tuple[_Context, Sequence[Raw]]]


def make_parts(
    recipe: Recipe, batches: _Batches[_Context], *, jobs: int = 1, engine: str = "local"
) -> Iterator[tuple[_Context, Part | None]]:
    """The parts of batches in their order, each with the context that its batch came with.

    An empty batch has no part.

    Parameters:
        recipe: what they are made with.
        batches: taken as they are needed, a few ahead.
        jobs: processes on this machine; workers of a Dask cluster that is started here.
        engine: "local", "dask" (a cluster on this machine) or "dask:ADDRESS" (of a scheduler).

    Raises:
        InputError: no such engine, or its packages are missing, or nobody answers at the address.
        StanceError: as `analyzers_of`.
    """
    name, _, address = engine.partition(":")
    if name == "dask":
        return _dask(recipe, batches, address, jobs)
    if engine != "local":
        raise InputError(f"no engine '{engine}'; there are local, dask, dask:ADDRESS")
    return _here(recipe, batches) if jobs == 1 else crew.made(recipe, batches, jobs)


def _here(recipe: Recipe, batches: _Batches[_Context]) -> Iterator[tuple[_Context, Part | None]]:
    analyzers = analyzers_of(recipe)
    for context, raws in batches:
        yield context, make_part(raws, analyzers) if raws else None


def part_bytes(recipe: Recipe, raws: Sequence[Raw]) -> bytes:
    """A part as it travels between machines; models are loaded once a process."""
    return encode(make_part(raws, analyzers_of(recipe)))


def _dask(
    recipe: Recipe, batches: _Batches[_Context], address: str, jobs: int
) -> Iterator[tuple[_Context, Part | None]]:
    client, close = _client(address, jobs)
    try:
        ahead = _AHEAD * max(1, len(client.scheduler_info()["workers"]))
        waiting = iter(batches)
        under_way: list[tuple[_Context, Any]] = []
        while True:
            for context, raws in islice(waiting, ahead - len(under_way)):
                # A lost worker's batches are made again elsewhere.
                args = (part_bytes, recipe, list(raws))
                under_way.append(
                    (context, client.submit(*args, pure=False, retries=3) if raws else None)
                )
            if not under_way:
                return
            context, future = under_way.pop(0)
            yield context, decode(future.result()) if future is not None else None
    finally:
        close()


def _client(address: str, jobs: int) -> tuple[Any, Callable[[], None]]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError("--engine dask needs: pip install 'stance-zh[dask]'") from error
    if address:
        try:
            client = Client(address, timeout=10)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"no Dask scheduler answers at {address}: {error}") from error
        return client, client.close
    cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster)

    def close() -> None:
        client.close()
        cluster.close()

    return client, close


def analyze_batch(
    table: pa.Table, *, target: str = "alibaba", output: str = "sentences"
) -> pa.Table:
    """One table of an analysis from a table of articles. Pure; rows in the order of the articles.

    Parameters:
        table: a column `text`, and where known path, source, title, author, date, url, as strings.
        target: a shipped target's name or a TOML file.
        output: "articles", "sentences" or "cues".

    Returns:
        The table of that name as DESIGN and docs/method.md give its columns. An article without
        a path has its number in the batch for one; what holds no article has no rows.

    Raises:
        InputError: no column `text`, or no such output.
    """
    if output not in TABLES:
        raise InputError(f"no table '{output}'; there are {', '.join(TABLES)}")
    if "text" not in table.column_names:
        raise InputError(f"no column 'text'; there are {', '.join(table.column_names)}")
    columns = [name for name in ("text", "path", *FIELDS) if name in table.column_names]
    frame = pl.DataFrame(pl.from_arrow(table.select(columns)))
    raws = [
        Raw(
            path=row.get("path") or str(number),
            text=row["text"] or "",
            encoding="utf-8",
            known={name: Known(row[name], f"column {name}") for name in FIELDS if row.get(name)},
        )
        for number, row in enumerate(frame.iter_rows(named=True))
    ]
    part = make_part(raws, analyzers_of(Recipe(targets=(target,))))
    return part.tables[0][output].to_arrow()
