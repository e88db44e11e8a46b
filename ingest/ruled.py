"""Tables whose cells the page draws: rules into grids, words into their cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .lines import LONGEST_CELL, Rule, Table, Word, joined, lines_of

# Rules this close, in points, are one, and reach each other.
_SNAP = 3.0
_MOST_RULES = 4_000


def ruled_tables(words: Sequence[Word], rules: Sequence[Rule]) -> tuple[list[Table], list[Word]]:
    """The tables whose cells the page draws, and the words outside of them."""
    tables: list[Table] = []
    rest = list(words)
    for component in _touching(rules):
        grid = _Grid.of(component)
        if grid is None:
            continue
        inside = [word for word in rest if grid.holds(word)]
        table = grid.table(inside) if inside else None
        if table is not None:
            tables.append(table)
            taken = set(map(id, inside))
            rest = [word for word in rest if id(word) not in taken]
    return tables, rest


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules in groups that touch one another, largest group first; none where a drawing has thousands."""
    if len(rules) > _MOST_RULES:
        return []
    groups: list[tuple[list[float], list[Rule]]] = []  # (box: left, top, right, bottom; rules)
    for rule in sorted(rules, key=lambda rule: (rule.top, rule.left)):
        box = [rule.left, rule.top, rule.right, rule.bottom]
        members = [rule]
        apart = []
        for other_box, others in groups:
            if _touch(box, other_box) and any(
                _touch((r.left, r.top, r.right, r.bottom), (rule.left, rule.top, rule.right, rule.bottom))
                for r in others
            ):
                box = [*map(min, box[:2], other_box[:2]), *map(max, box[2:], other_box[2:])]
                members += others
            else:
                apart.append((other_box, others))
        groups = [*apart, (box, members)]
    return [members for _, members in sorted(groups, key=lambda group: -len(group[1])) if len(members) >= 4]


def _touch(one: Sequence[float], two: Sequence[float]) -> bool:
    return (
        one[0] <= two[2] + _SNAP
        and two[0] <= one[2] + _SNAP
        and one[1] <= two[3] + _SNAP
        and two[1] <= one[3] + _SNAP
    )


def _snapped(values: Iterable[float]) -> list[float]:
    """The values in order, those closer than a rule is thick as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SNAP:
            found.append(value)
    return found


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells that rules part: borders from left to right and from top to bottom."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rules: tuple[Rule, ...]

    @staticmethod
    def of(rules: Sequence[Rule]) -> _Grid | None:
        """The grid of rules that touch; None where they part no two columns and two rows."""
        level = [rule for rule in rules if rule.is_level]
        upright = [rule for rule in rules if not rule.is_level]
        if len(level) < 2 or not upright:
            return None
        xs = _snapped([*(rule.left for rule in upright), *_ends(level)])
        ys = _snapped([*(rule.top for rule in level), *_ends(upright)])
        if not (3 <= len(xs) <= 40 and 3 <= len(ys) <= 400):
            return None
        return _Grid(tuple(xs), tuple(ys), tuple(rules))

    def holds(self, word: Word) -> bool:
        """Whether a word stands within the outer border."""
        x, y = (word.left + word.right) / 2, word.y - 0.3 * word.size
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def table(self, words: Sequence[Word]) -> Table | None:
        """The table with these words in its cells; None where it is a frame around text."""
        owners = self._owners()
        found: dict[tuple[int, int], list[Word]] = {}
        for word in words:
            column = bisect_right(self.xs, (word.left + word.right) / 2) - 1
            row = bisect_right(self.ys, word.y - 0.3 * word.size) - 1
            cell = owners[min(max(row, 0), len(self.ys) - 2)][min(max(column, 0), len(self.xs) - 2)]
            found.setdefault(cell, []).append(word)
        if len({column for _, column in found}) < 2:
            return None
        rows: list[list[str]] = []
        widths: list[list[int]] = []
        bold: list[bool] = []
        for row in range(len(self.ys) - 1):
            for cells, covered in self._lines_of_row(row, owners, found):
                if any(cells):
                    rows.append(cells)
                    widths.append(covered)
            inside = [word for cell, held in found.items() if cell[0] == row for word in held]
            bold += [bool(inside) and all(word.is_bold for word in inside)] if inside else []
        if not rows or max(len(cell) for cells in rows for cell in cells) > LONGEST_CELL:
            return None
        rows, widths = _without_empty_columns(rows, widths)
        if len(rows) < 2 or max(map(len, rows)) < 2:
            return None
        return Table(
            tuple(map(tuple, rows)),
            tuple(map(tuple, widths)),
            self.xs[0],
            self.xs[-1],
            self.ys[0],
            self.ys[-1],
            bold_head=len(bold) > 1 and bold[0] and not any(bold[1:]),
        )

    def _lines_of_row(
        self,
        row: int,
        owners: Sequence[Sequence[tuple[int, int]]],
        found: dict[tuple[int, int], list[Word]],
    ) -> list[tuple[list[str], list[int]]]:
        """The rows of cells between two borders: one, or several where only the columns are ruled."""
        cells: list[tuple[int, int]] = []
        covered: list[int] = []
        for cell in owners[row]:
            if cells and cells[-1] == cell:
                covered[-1] += 1
            else:
                cells.append(cell)
                covered.append(1)
        lines = [lines_of(found.get(cell, ())) for cell in cells]
        heights = [[line.y for line in each] for each in lines if each]
        deepest = max(map(len, heights), default=0)
        is_ledger = (
            deepest >= 3
            and len(heights) >= 2
            and all(len(each) == deepest for each in heights)
            and all(abs(a - b) < 2 for each in heights for a, b in zip(each, heights[0], strict=True))
            and all(cell[0] == row for cell in cells)
        )
        if is_ledger:
            return [([each[n].text if each else "" for each in lines], covered) for n in range(deepest)]
        return [([joined(line.text for line in each) for each in lines], covered)]

    def _owners(self) -> list[list[tuple[int, int]]]:
        """For each place of the grid the first place, row and column, of the cell that covers it."""
        height, width = len(self.ys) - 1, len(self.xs) - 1
        owners = [[(row, column) for column in range(width)] for row in range(height)]
        for row in range(height):
            for column in range(width):
                if column and not self._has_upright(self.xs[column], self.ys[row], self.ys[row + 1]):
                    owners[row][column] = owners[row][column - 1]
                elif row and not self._has_level(self.ys[row], self.xs[column], self.xs[column + 1]):
                    above = owners[row - 1][column]
                    if above[1] == column:
                        owners[row][column] = above
        return owners

    def _has_upright(self, x: float, top: float, bottom: float) -> bool:
        middle = (top + bottom) / 2
        return any(
            not rule.is_level and abs(rule.left - x) <= _SNAP and rule.top <= middle <= rule.bottom
            for rule in self.rules
        )

    def _has_level(self, y: float, left: float, right: float) -> bool:
        middle = (left + right) / 2
        return any(
            rule.is_level and abs(rule.top - y) <= _SNAP and rule.left <= middle <= rule.right
            for rule in self.rules
        )


def _ends(rules: Sequence[Rule]) -> tuple[float, float]:
    """Where the first and the last of the rules end: an outer border that may not be drawn."""
    if rules[0].is_level:
        return min(rule.left for rule in rules), max(rule.right for rule in rules)
    return min(rule.top for rule in rules), max(rule.bottom for rule in rules)


def _without_empty_columns(
    rows: Sequence[Sequence[str]], widths: Sequence[Sequence[int]]
) -> tuple[list[list[str]], list[list[int]]]:
    """The rows without the columns in which no cell has a text: gaps between double rules, margins."""
    total = sum(widths[0])
    used = [False] * total
    for cells, covered in zip(rows, widths, strict=True):
        place = 0
        for cell, width in zip(cells, covered, strict=True):
            used[place] = used[place] or bool(cell)
            place += width
    kept_rows: list[list[str]] = []
    kept_widths: list[list[int]] = []
    for cells, covered in zip(rows, widths, strict=True):
        place = 0
        kept: list[tuple[str, int]] = []
        for cell, width in zip(cells, covered, strict=True):
            left = sum(used[place : place + width])
            if left:
                kept.append((cell, left))
            place += width
        kept_rows.append([cell for cell, _ in kept])
        kept_widths.append([width for _, width in kept])
    return kept_rows, kept_widths
