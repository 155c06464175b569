"""Long plain columns are read at once; the reading is the same as cell by cell."""

from hypothesis import given
from hypothesis import strategies as st

from foliolens.uploads.reader.columns import read_column
from foliolens.uploads.reader.numbers import NumberFormat, fits, scan, value_of

CELLS = st.lists(
    st.one_of(
        st.decimals(-(10**7), 10**7, places=2, allow_nan=False).map(str),
        st.integers(-(10**7), 10**7).map("{:,}".format),
        st.integers(0, 10**7).map("${:,}.50".format),
        st.text("0123456789.,-$", min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=8,
)


@given(CELLS)
def test_a_column_has_the_values_of_its_cells_in_one_format(cells: list[str]) -> None:
    column = read_column("dollarAmount", cells, None)

    for row, cell in enumerate(cells):
        scanned = scan(cell)
        if scanned is None or row in column.invalid:
            assert column.values[row] is None
        elif row in column.ambiguous:
            assert fits(scanned.core) == ".,"
            assert column.values[row] is None
        else:
            assert column.values[row] == value_of(scanned, NumberFormat(column.decimal or "."))


@given(CELLS)
def test_the_decimal_mark_is_one_that_some_cell_proves(cells: list[str]) -> None:
    column = read_column("dollarAmount", cells, None)

    proofs = {fits(scanned.core) for cell in cells if (scanned := scan(cell)) is not None}
    assert column.decimal is None or column.decimal in proofs
