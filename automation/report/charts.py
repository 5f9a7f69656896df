"""Charts as SVG with no script in it, in colours of the page that it stands in.

No text from GitLab or the roster is in a chart: numbers, weeks and the words of this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import altair as alt
import vl_convert

from automation.report.figures import AGES, OLDEST, Deeds, Tally
from automation.report.weeks import label
from automation.rules.health import SHOWN, Health

WIDTH = 820
HEIGHT = 150
EVERY = 6
"""Every so many weeks, the axis has a label."""
SPARE = {"left": 24, "right": 24, "top": 5, "bottom": 5}
"""Room at the sides: readers' fonts may be wider than the one that is measured with."""
INK = "currentColor"
LINES = "var(--line)"
ENDS = {"done": "var(--done)", "missed": "var(--missed)", "waived": "var(--waived)"}


def trend(weeks: Sequence[date], tallies: Sequence[Tally]) -> str:
    """The share of loops that were done, by the week in which they opened."""
    names = [label(week) for week in weeks]
    rows = [
        {"week": name, "percent": tally.percent} for name, tally in zip(names, tallies, strict=True)
    ]
    line = (
        alt.Chart(alt.InlineData(values=rows), width=WIDTH, height=HEIGHT)
        .mark_line(color="var(--accent)", strokeWidth=2, point=alt.OverlayMarkDef(size=14))
        .encode(
            x=_week(names),
            y=alt.Y("percent:Q", title="done, %", scale=alt.Scale(domain=[0, 100])),
        )
    )
    return _drawn(line)


def ends(done: Sequence[Deeds]) -> str:
    """How loops ended, by the week in which they did."""
    rows = [
        {"week": label(one.week), "end": end, "loops": getattr(one, end)}
        for one in done
        for end in ENDS
        if getattr(one, end)
    ]
    bars = (
        alt.Chart(alt.InlineData(values=rows), width=WIDTH, height=HEIGHT)
        .mark_bar()
        .encode(
            x=_week([label(one.week) for one in done]),
            y=alt.Y("loops:Q", title="loops"),
            color=_coloured("end", ENDS),
        )
    )
    return _drawn(bars)


def initiatives(counts: Mapping[tuple[str, Health], int]) -> str:
    """Initiatives by age and health."""
    rows = [
        {"age": age, "health": health.value, "initiatives": count}
        for (age, health), count in counts.items()
        if count
    ]
    names = [*(name for name, _ in AGES), OLDEST]
    colours = {health.value: f"var(--{health.value})" for health in SHOWN}
    bars = (
        alt.Chart(alt.InlineData(values=rows), width=WIDTH // 2, height=HEIGHT)
        .mark_bar()
        .encode(
            y=alt.Y("age:N", title=None, sort=names, scale=alt.Scale(domain=names)),
            x=alt.X("initiatives:Q", title="initiatives", axis=alt.Axis(tickMinStep=1)),
            color=_coloured("health", colours),
        )
    )
    return _drawn(bars)


def _week(names: Sequence[str]) -> alt.X:
    axis = alt.Axis(values=list(names)[::-EVERY], labelAngle=0, labelOverlap=True)
    return alt.X("week:O", title=None, axis=axis, scale=alt.Scale(domain=list(names)))


def _coloured(field: str, colours: Mapping[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    legend = alt.Legend(title=None, orient="top", columnPadding=24)
    return alt.Color(f"{field}:N", scale=scale, legend=legend)


def _drawn(chart: alt.Chart) -> str:
    styled = (
        chart.configure(background="transparent", aria=False, font="sans-serif", padding=SPARE)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            titleFontWeight="normal",
            gridColor=LINES,
            domainColor=LINES,
            tickColor=LINES,
        )
        .configure_legend(labelColor=INK)
        .configure_view(stroke=None)
    )
    svg = vl_convert.vegalite_to_svg(styled.to_dict(), vl_version=VERSION)
    # What it shows is said by the page around it; its hundred shapes would say nothing.
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


VERSION = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
"""Altair's Vega-Lite, such as 6.1, by which vl-convert knows it."""
