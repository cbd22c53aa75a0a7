#!/usr/bin/env python3
"""Writes docs/models/skin_tables.md and the plots beside it: what the model of the skin is worth.

  skin_report.py [--build=build] [--direct=CSV ...] [--shared=../shared] [-o docs/models]

Runs skin_report and shade_table of the build, and skin_direct (some minutes) unless files that it has written are given. The
standing tables were made with

  skin_direct --cases=160 --photons=200000, --hairs=40 --photons=1000000 --sd=0.0003 and --lattice --photons=200000

Tables of others are read from the shared folder when it is there, and said to be missing when not. Needs nothing but Python; the
SVG is written by hand (class Plot).
"""
import argparse, csv, io, math, pathlib, statistics, subprocess, sys

CLASSES = ["very light", "light", "intermediate", "tan", "brown", "dark"]
ITA = dict(zip(CLASSES, ["> 55", "41..55", "28..41", "10..28", "-30..10", "< -30"]))
CLASS_COLOR = dict(zip(CLASSES, ["#e5a35a", "#d0793a", "#b4552d", "#8d3f2a", "#5f2c22", "#1f1512"]))
BAND_COLOR = {460: "#2860c8", 540: "#1f8f3f", 640: "#cc2f2f"}
GREY = "#667"
LIMIT = 0.01  # of a contrast


# ---- plots ----

def nice_step(span, count):
    raw = span / count
    power = 10 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)


def number(value):
    text = f"{value:.10g}"
    return "−" + text[1:] if text.startswith("-") else text


class Axis:
    def __init__(self, label, low, high, log=False, ticks=None):
        self.label, self.low, self.high, self.log = label, low, high, log
        if ticks is None and not log:
            step = nice_step(high - low, 5)
            first = math.ceil(low / step - 1e-9)
            ticks = [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]
        self.ticks = ticks

    def share(self, value):
        scale = math.log if self.log else lambda x: x
        return (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))


class Plot:
    """Panels side by side, each with its own axes."""
    WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 330, 290, 62, 40, 50, 66

    def __init__(self, title):
        self.title, self.parts, self.panels, self.legends = title, [], 0, []

    def panel(self, title, x, y):
        self.x, self.y = x, y
        self.left = self.LEFT + self.panels * (self.WIDTH + self.GAP)
        self.panels += 1
        l, t, r, b = self.left, self.TOP, self.left + self.WIDTH, self.TOP + self.HEIGHT
        for tick in x.ticks:
            at = self.at(tick, y.low)[0]
            self.line_between(at, t, at, b, "#e4e4e8")
            self.text(at, b + 16, number(tick), "middle")
        for tick in y.ticks:
            at = self.at(x.low, tick)[1]
            self.line_between(l, at, r, at, "#e4e4e8")
            self.text(l - 7, at + 4, number(tick), "end")
        self.parts.append(f'<rect x="{l}" y="{t}" width="{r - l}" height="{b - t}" fill="none" stroke="#889"/>')
        self.text((l + r) / 2, b + 36, x.label, "middle")
        self.parts.append(f'<text transform="translate({l - 44},{(t + b) / 2}) rotate(-90)" text-anchor="middle">{y.label}</text>')
        self.text(l, t - 10, title, "start", bold=True)

    def at(self, x, y):
        return (self.left + self.WIDTH * self.x.share(x), self.TOP + self.HEIGHT * (1 - self.y.share(y)))

    def inside(self, x, y):
        return -1e-6 <= self.x.share(x) <= 1 + 1e-6 and -1e-6 <= self.y.share(y) <= 1 + 1e-6

    def line_between(self, x0, y0, x1, y1, color, dash=""):
        self.parts.append(f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{color}"'
                          + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")

    def text(self, x, y, words, anchor="start", color="#223", bold=False):
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"{weight}>{words}</text>')

    def path(self, points):
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*p) for p in points if self.inside(*p)))

    def line(self, points, color, dash="", width=2):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<polyline points="{self.path(points)}" fill="none" stroke="{color}" stroke-width="{width}"'
                          f' stroke-linejoin="round"{dashes}/>')

    def band(self, low, high, color):
        self.parts.append(f'<polygon points="{self.path(low)} {self.path(high[::-1])}" fill="{color}" fill-opacity="0.18"/>')

    def level(self, value, color=GREY, dash="5 4"):
        x0, y = self.at(self.x.low, value)
        self.line_between(x0, y, x0 + self.WIDTH, y, color, dash)

    def dots(self, points, color, radius=2.4, opacity=0.8):
        """One path of round caps: a tenth of the bytes of circles."""
        at = " ".join("M{:.1f} {:.1f}h0".format(*self.at(*p)) for p in points if self.inside(*p))
        self.parts.append(f'<path d="{at}" stroke="{color}" stroke-width="{2 * radius}" stroke-linecap="round" stroke-opacity="{opacity}"/>')

    def rings(self, points, color):
        for p in points:
            x, y = self.at(*p)
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="white" stroke="{color}" stroke-width="2.5"/>')

    def legend(self, words, color, dash="", dot=False, ring=False):
        self.legends.append((words, color, dash, dot, ring))

    def draw_legend(self, left):
        for i, (words, color, dash, dot, ring) in enumerate(self.legends):
            y = self.TOP + 8 + 21 * i
            if dot or ring:
                fill = "white" if ring else color
                self.parts.append(f'<circle cx="{left + 11}" cy="{y}" r="4.5" fill="{fill}" stroke="{color}" stroke-width="2"/>')
            elif color:
                self.parts.append(f'<line x1="{left}" y1="{y}" x2="{left + 22}" y2="{y}" stroke="{color}" stroke-width="2.5"'
                                  + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")
            self.text(left + 30, y + 4, words)

    def write(self, path):
        left = self.LEFT + self.panels * (self.WIDTH + self.GAP) - self.GAP + 22
        self.draw_legend(left)
        width = left + 44 + max((len(l[0]) for l in self.legends), default=0) * 6.4
        height = self.TOP + self.HEIGHT + self.BOTTOM
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"'
                f' font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#223">\n<title>{self.title}</title>\n'
                f'<rect width="100%" height="100%" fill="white"/>\n')
        path.write_text(head + "\n".join(self.parts) + "\n</svg>\n")


# ---- what the programs print ----

class Programs:
    def __init__(self, build):
        self.build = pathlib.Path(build)

    def text(self, name, *words):
        return subprocess.run([self.build / name, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout

    def rows(self, *words):
        return rows_of(self.text("skin_report", *words))


def rows_of(text):
    def value(word):
        try:
            return float(word)
        except ValueError:
            return word
    return [{key: value(word) for key, word in row.items()} for row in csv.DictReader(io.StringIO(text))]


def by(rows, key, order=None):
    """Rows by the value of a key, in the order of `order` or of the values."""
    found = {}
    for row in rows:
        found.setdefault(key(row) if callable(key) else row[key], []).append(row)
    return {k: found[k] for k in (order or sorted(found)) if k in found}


# ---- tables ----

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def named(name):
    return f"{name} ({ITA[name]})"


def doubling_table(rows):
    body = [[f"{r['directions']:.0f}"] + [f"{100 * r[k]:.3f} %" for k in
            ("slab_worst", "skin_beam_worst", "skin_without_gloss_worst", "skin_diffuse_worst")] for r in rows]
    return table(["directions", "8 slabs, any of 4 quantities", "21 skins, beam", "the same, gloss left out", "diffuse light"], body)


def measured_table(rows):
    groups = by([r for r in rows if r["source"] == "measured"], "class", CLASSES)
    groups = {named(k): v for k, v in groups.items()}
    groups["all measured"] = [r for r in rows if r["source"] == "measured"]
    groups["dark, made by the model"] = [r for r in rows if r["source"] == "made"]
    body = []
    for name, group in groups.items():
        mid = {k: statistics.median(r[k] for r in group) for k in group[0] if isinstance(group[0][k], float)}
        body.append([name, str(len(group)), f"{mid['fit_de2000']:.2f} / {max(r['fit_de2000'] for r in group):.2f}",
                     f"{100 * mid['fit_band_rms']:.1f} %",
                     f"{mid['color_de2000']:.2f} / {max(r['color_de2000'] for r in group):.2f}", f"{100 * mid['color_band_rms']:.1f} %",
                     f"{100 * mid['melanin']:.2f} %", f"{100 * mid['blood']:.1f} %", f"{mid['saturation']:.2f}", f"{mid['scatter']:.1f}",
                     f"{mid['scatter-slope']:.2f}"])
    return table(["class (ITA)", "skins", "fit: ΔE00 median / worst", "bands rms", "from Lab alone: ΔE00 median / worst", "bands rms",
                  "melanin", "blood", "saturation", "scattering at 500 nm, /mm", "slope"], body)


def error_row(name, rows, noise):
    error = [abs(r["got"] - r["want"]) for r in rows]
    beyond = [e for e, r in zip(error, rows) if e > LIMIT + 2 * r["sd"]]
    worst = max(range(len(rows)), key=lambda i: error[i])
    body = [name, str(len(rows)), f"{error[worst]:.4f}", f"{math.sqrt(statistics.fmean(e * e for e in error)):.4f}",
            f"{100 * sum(e > LIMIT for e in error) / len(rows):.1f} %", f"{100 * len(beyond) / len(rows):.1f} %"]
    if noise:
        body.insert(3, f"{rows[worst]['sd']:.4f}")
    return body


DEPTHS = ["0.1-0.2", "0.2-0.3", "0.3-0.5", "0.5-0.7", "0.7-1.0"]


def depth_range(row):
    return next(d for d in DEPTHS if row["depth_mm"] < float(d[4:]) or d == DEPTHS[-1])


def error_table(rows, noise):
    head = ["", "contrasts", "worst error", "rms", "over 0.01", "over 0.01 + 2 sd"]
    if noise:
        head.insert(3, "its sd")
    body = [error_row("all", rows, noise)]
    body += [error_row(f"{k} mm deep", v, noise) for k, v in by(rows, depth_range, DEPTHS).items()]
    body += [error_row(named(k), v, noise) for k, v in by(rows, "class", CLASSES).items()]
    return table(head, body)


def mean_error(rows):
    """Mean of got / want - 1, weighed by the simulation's own noise, and its sd."""
    weight = [(r["want"] / max(r["sd"], 1e-9)) ** 2 for r in rows]
    mean = sum((r["got"] / r["want"] - 1) * w for r, w in zip(rows, weight)) / sum(weight)
    return mean, 1 / math.sqrt(sum(weight))


def clear(rows):
    return [r for r in rows if r["want"] > 5 * r["sd"]]


def lattice_table(rows):
    densities = ["50", "100", "156", "280"]
    body = []
    for (diameter, depth), group in by(rows, lambda r: (r["diameter_mm"], r["depth_mm"])).items():
        for name in ["all"] + [f"{nm:.0f}" for nm in sorted({r["wavelength_nm"] for r in group})]:
            part = clear(r for r in group if name in ("all", f"{r['wavelength_nm']:.0f}"))
            cells = by(part, lambda r: f"{100 / r['pitch_mm'] ** 2:.0f}", densities)
            body.append([f"{diameter:g} mm wide, {depth:g} deep", name]
                        + ["{:+.1f} % (sd {:.1f})".format(*(100 * x for x in mean_error(cells[d]))) if d in cells else "" for d in densities])
    return table(["dot", "nm"] + [f"{d} per cm²" for d in densities], body)


def hair_errors(rows):
    body = []
    groups = [("all", rows)] + list(by(rows, lambda r: "upright" if r["tilt_rad"] == 0 else "leaning").items())
    for name, group in groups + [(named(k), v) for k, v in by(rows, "class", CLASSES).items()]:
        part = clear(group)
        if not part:
            continue
        error = [r["got"] / r["want"] - 1 for r in part]
        noise = [r["sd"] / r["want"] for r in part]
        worst = max(range(len(part)), key=lambda i: abs(error[i]))
        body.append([name, str(len(part)), "{:+.1f} % (sd {:.1f})".format(*(100 * x for x in mean_error(part))),
                     f"{100 * math.sqrt(statistics.fmean(e * e for e in error)):.1f} %", f"{100 * math.sqrt(statistics.fmean(e * e for e in noise)):.1f} %",
                     f"{100 * error[worst]:+.1f} % (sd {100 * noise[worst]:.1f})"])
    return table(["", "hairs", "mean", "rms", "rms of the noise", "worst"], body)


def blue_table(depths, classes):
    head = ["class (ITA)"] + [f"{d:.2f} mm" for d in (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)]
    head += ["black stubble", "as a dot at", "brown", "red"]
    body = []
    for name, group in by(depths, "class", CLASSES).items():
        hair = {r["mark"]: r["blue_ratio"] for r in classes if r["class"] == name}
        ratio = {round(r["depth_mm"], 3): r["blue_ratio"] for r in group}
        depth = match_depth(group, hair["black"])
        body.append([named(name)] + [f"{ratio[d]:.1f}" for d in (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)]
                    + [f"{hair['black']:.1f}", f"{depth:.2f} mm", f"{hair['brown']:.1f}", f"{hair['red']:.1f}"])
    return table(head, body)


def match_depth(group, ratio):
    for a, b in zip(group, group[1:]):
        if a["blue_ratio"] <= ratio <= b["blue_ratio"]:
            return a["depth_mm"] + (ratio - a["blue_ratio"]) / (b["blue_ratio"] - a["blue_ratio"]) * (b["depth_mm"] - a["depth_mm"])
    return math.nan


def dot_table(classes):
    body = []
    for r in (r for r in classes if r["mark"] == "dot"):
        body.append([named(r["class"]), f"{r['ita_deg']:.0f}", f"{100 * r['melanin']:.2f} %",
                     " ".join(f"{r[f'contrast_{n}']:.2f}" for n in (460, 540, 640)), f"{r['width_mm']:.2f}",
                     " ".join(f"{r[f'area_{n}_mm2']:.3f}" for n in (460, 540, 640)),
                     f"{r['delta_L']:+.1f} {r['delta_a']:+.1f} {r['delta_b']:+.1f}", f"{r['delta_e2000']:.1f}"])
    return table(["class (ITA)", "ITA here", "melanin", "contrast in the middle, 460 540 640 nm", "apparent diameter, mm",
                  "black area, mm², 460 540 640 nm", "150 per cm²: ΔL* Δa* Δb*", "ΔE00"], body)


def hair_table(classes):
    colors = [r["mark"] for r in classes if r["class"] == CLASSES[0] and r["mark"] != "dot"]
    body = []
    for name, group in by(classes, "class", CLASSES).items():
        hair = {r["mark"]: r for r in group}
        body.append([named(name)] + [f"{hair[c]['delta_L']:+.2f}, {hair[c]['blue_ratio']:.1f}" for c in colors])
    return table(["class (ITA)"] + colors, body)


def advice(text):
    """Rows and the closing line of shade_table."""
    lines = [l for l in text.splitlines() if l.strip()]
    rows = [[c.strip() for c in l.strip("|").split("|")] for l in lines if l.startswith("|")][2:]
    return "\n".join(l for l in lines if l.startswith("|")) + "\n", lines[-1], rows


def fair_table(measured, direct, shades):
    """One row per class, and the worst class by each column."""
    columns, body = {}, []
    for name in CLASSES:
        skins = [r for r in measured if r["class"] == name]
        real = [r for r in skins if r["source"] == "measured"]
        dots = [r for r in direct if r["class"] == name and r["kind"] == "dot"]
        dark_hair = [r for r in shades if r[0].startswith(f"{name} (") and r[1] in ("black", "dark-brown", "brown")]
        de = max(float(r[3].split()[0]) for r in dark_hair)
        cell = {"fit, worst ΔE00": max((r["fit_de2000"] for r in real), default=None),
                "from Lab, worst ΔE00": max((r["color_de2000"] for r in skins), default=None),
                "contrast, worst error": max((max(abs(r["got"] - r["want"]) - 2 * r["sd"], 0) for r in dots), default=None),
                "advice, worst ΔE00": de,
                "blueness, dots / stubble": max((float(r[4]) for r in dark_hair), key=lambda b: abs(math.log(b)))}
        for key, value in cell.items():
            if value is not None:
                columns.setdefault(key, {})[name] = value
        black = next(r for r in dark_hair if r[1] == "black")
        said = sorted({w for r in dark_hair for w in r[8].split(", ") if w})
        body.append([named(name), str(len(real))] + ["nobody measured" if v is None else f"{v:.4f}" if "contrast" in k else f"{v:.2f}"
                    for k, v in cell.items()] + [black[2], black[6], ", ".join(said) or "nothing"])
    size = {"blueness, dots / stubble": lambda ratio: abs(math.log(ratio))}
    worst = {key: max(values, key=lambda n: size.get(key, abs)(values[n])) for key, values in columns.items()}
    body.append(["**worst class**", ""] + [f"**{worst[k]}**" if k in worst else "" for k in cell] + ["", "", ""])
    return table(["class (ITA)", "measured"] + list(cell) + ["black hair: water : 1 by session", "darker by, L*", "said"], body)


YEAR = 365.25
MOMENTS = {"permanent": [(f"day {d}", d) for d in (1, 7, 11, 20, 30)] + [(f"healed + {y} year{chr(115) * (y > 1)}", 30 + YEAR * y) for y in (1, 3, 5, 10)],
           "absorbable": [("day 30", 30)] + [(f"healed + {m} months", 30 + YEAR * m / 12) for m in (3, 6, 9, 12)]}


def time_table(rows):
    """Expected (weak, strong end), relative to the healed area; contrast; blueness."""
    body = []
    for kind, group in by(rows, "kind", ["permanent", "absorbable"]).items():
        healed = next(r["area_540_mm2"] for r in group if r["which"] == 0 and r["days"] == 30)
        for name, days in MOMENTS[kind]:
            weak, expected, strong = (next(r for r in group if r["which"] == w and abs(r["days"] - days) < 0.1) for w in (-1, 0, 1))
            body.append([kind, name] + ["{:.2f} ({:.2f}, {:.2f})".format(*(f(r) for r in (expected, weak, strong)))
                        for f in (lambda r: r["area_540_mm2"] / healed, lambda r: r["contrast_540"])]
                        + ["{:.1f} ({:.1f}, {:.1f})".format(*(r["blue_ratio"] for r in (expected, weak, strong)))])
    return table(["pigment", "", "black area at 540 nm, healed = 1", "contrast in the middle", "blueness"], body)


# ---- pictures ----

def plot_fit(rows, path):
    plot = Plot("Measured skins and the model's")
    plot.panel("measured, fitted, and inverted from Lab alone", Axis("wavelength, nm", 400, 700, ticks=range(400, 701, 50)),
               Axis("reflectance, gloss left out", 0, 0.7))
    for name, group in by(rows, "class", CLASSES).items():
        color = CLASS_COLOR[name]
        plot.line([(r["wavelength_nm"], r["fitted"]) for r in group], color)
        plot.line([(r["wavelength_nm"], r["of_color"]) for r in group], color, "2 3", 1.5)
        plot.dots([(r["wavelength_nm"], r["measured"]) for r in group], color, 2.8, 1)
        plot.legend(f"{name}, ITA {number(round(group[0]['ita_deg']))}°", color)
    plot.legend("measured", GREY, dot=True)
    plot.legend("fit to the spectrum", GREY)
    plot.legend("from Lab alone", GREY, "2 3")
    plot.write(path)


def plot_errors(direct, published, path):
    plot = Plot("Contrast of the table against simulations")
    high = max([0.02] + [abs(r["got"] - r["want"]) for r in direct + published]) * 1.1
    middles = [r for r in published if r["from_mm"] == 0]
    for title, rows in (("photons followed one by one (own)", direct), ("simulations of others, r &lt; 0.1 mm", middles)):
        if not rows:
            continue
        plot.panel(title, Axis("contrast simulated", 0, 1), Axis("table − simulation", -high, high))
        plot.level(LIMIT)
        plot.level(-LIMIT)
        for name, group in by(rows, "class", CLASSES).items():
            radius, opacity = (3, 0.8) if len(rows) < 1000 else (1.5, 0.4)
            plot.dots([(r["want"], r["got"] - r["want"]) for r in group], CLASS_COLOR[name], radius, opacity)
    for name in CLASSES:
        plot.legend(f"{name} skin", CLASS_COLOR[name], dot=True)
    plot.legend("±0.01", GREY, "5 4")
    plot.write(path)


def plot_depth(rows, path):
    plot = Plot("Contrast of a dot by its depth")
    for name in ("very light", "tan", "dark"):
        group = [r for r in rows if r["class"] == name]
        plot.panel(f"{name} skin", Axis("depth of the dot's middle, mm", 0.1, 1.0, ticks=[0.1, 0.2, 0.4, 0.6, 0.8, 1.0]),
                   Axis("contrast, r &lt; 0.1 mm", 0.001, 1, log=True, ticks=[0.001, 0.01, 0.1, 1]))
        for nm, color in BAND_COLOR.items():
            plot.line([(r["depth_mm"], r[f"contrast_{nm}"]) for r in group], color)
    for nm, color in BAND_COLOR.items():
        plot.legend(f"{nm} nm", color)
    plot.write(path)


def plot_blue(depths, classes, path):
    plot = Plot("Blueness of dots and of black stubble")
    plot.panel("dot 0.30 mm wide, 10 /mm", Axis("depth of the dot's middle, mm", 0.1, 1.0, ticks=[0.1, 0.2, 0.4, 0.6, 0.8, 1.0]),
               Axis("black area at 640 nm / at 460 nm", 1, 200, log=True, ticks=[1, 2, 5, 10, 20, 50, 100, 200]))
    for name, group in by(depths, "class", CLASSES).items():
        plot.line([(r["depth_mm"], r["blue_ratio"]) for r in group], CLASS_COLOR[name])
        plot.legend(f"{name} skin", CLASS_COLOR[name])
    for name, group in by(depths, "class", CLASSES).items():
        hair = next(r["blue_ratio"] for r in classes if r["class"] == name and r["mark"] == "black")
        plot.rings([(match_depth(group, hair), hair)], CLASS_COLOR[name])
    plot.legend("ratio of black stubble,", GREY, ring=True)
    plot.legend("0.07 mm, cut flush", "")
    plot.write(path)


def plot_time(rows, path):
    plot = Plot("A dot through time")
    kinds = {"permanent": "#1c4f8a", "absorbable": "#c0661b"}
    for title, axis, top, days, unit in (("the first month", Axis("days", 0, 30), 0.8, (0, 30), 1),
                                         ("healed, then years", Axis("years", 0, 10), 0.25, (30, 4000), 365.25)):
        plot.panel(title, axis, Axis("contrast in the middle, 540 nm", 0, top))
        for kind, color in kinds.items():
            line = {w: [(r["days"] / unit, r["contrast_540"]) for r in rows
                        if r["kind"] == kind and r["which"] == w and days[0] <= r["days"] <= days[1]] for w in (-1, 0, 1)}
            plot.band(line[-1], line[1], color)
            plot.line(line[0], color)
    for kind, color in kinds.items():
        plot.legend(f"{kind}, expected", color)
    plot.legend("(the same in the first month)", "")
    plot.legend("shaded: from the weak to", "")
    plot.legend("the strong end of the bands", "")
    plot.write(path)


def plot_density(rows, path):
    plot = Plot("How much darker dots and stubble make the skin")
    plot.panel("far view", Axis("marks per cm²", 0, 300),
               Axis("change of L*", -10, 0))
    for name, group in by(rows, "class", CLASSES).items():
        plot.line([(r["per_cm2"], r["dot_delta_L"]) for r in group], CLASS_COLOR[name])
        plot.line([(r["per_cm2"], r["black_hair_delta_L"]) for r in group], CLASS_COLOR[name], "5 4", 1.5)
        plot.legend(f"{name} skin", CLASS_COLOR[name])
    plot.legend("dots, 0.30 mm wide and", GREY)
    plot.legend("deep, 10 /mm", "")
    plot.legend("black stubble, 0.07 mm,", GREY, "5 4")
    plot.legend("cut flush", "")
    plot.write(path)


# ---- the whole ----

def direct_rows(programs, files, out):
    """Rows of skin_report for files of skin_direct, which is run when there is none."""
    rows, made = [], []
    if not files:
        print("skin_direct: some minutes; give its files with --direct to leave it out", file=sys.stderr)
        for what in (["--cases=40"], ["--hairs=12", "--sd=0.0005"], ["--lattice"]):
            made.append(out / f"skin_direct{what[0].split('=')[0]}.csv")
            made[-1].write_text(programs.text("skin_direct", *what, "--photons=50000"))
    for path in made or files:
        rows += programs.rows("direct", path)
    for path in made:
        path.unlink()
    return {kind: [r for r in rows if r["kind"] == kind] for kind in ("dot", "hair", "lattice")}


def shared_file(options, name, fallback=None):
    path = pathlib.Path(options.shared) / "data/spectra" / name
    if path.exists():
        return path
    print(f"{path} is missing: " + (f"{fallback} instead" if fallback else "left out"), file=sys.stderr)
    return fallback


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--direct", action="append", default=[])
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("-o", "--out", default="docs/models", type=pathlib.Path)
    options = parser.parse_args()
    programs, out = Programs(options.build), options.out
    out.mkdir(parents=True, exist_ok=True)

    skins = shared_file(options, "nist_skin_reflectance_10nm.csv", pathlib.Path("spectra/skin_reflectance.csv"))
    contrasts = shared_file(options, "sim_dot_contrast.csv")
    measured = programs.rows("measured", skins)
    direct = direct_rows(programs, options.direct, out)
    published = programs.rows("published", contrasts) if contrasts else []
    classes, depths, times = (programs.rows(what) for what in ("classes", "depths", "times"))
    shade_lines, shade_end, shades = advice(programs.text("shade_table"))

    parts = ["# Skin model: validation tables\n",
             "Made by `tools/skin_report.py`; what is computed, and how, is in [skin.md](skin.md). Classes are of the typology angle "
             "(ITA), gloss left out. Contrast is 1 − R / R_skin; a dot's depth is that of its middle, its strength the absorption of "
             "the pigment at 550 nm.\n",
             "## Every class of skin\n",
             "Fit and inversion over measured skins and, for the inversion of dark skin, over spectra made by the model; contrast: "
             "worst error against direct simulation beyond twice its sd; advice: worst predicted mean ΔE00 to the stubble, healed, and "
             "worst blueness, of black, dark-brown and brown hair. Limits of the project: fit 1.3, inversion 0.5, contrast 0.01. "
             "Few of the random dots are as shallow and strong as those that miss 0.01 in blue light: [skin.md](skin.md#a-dot).\n",
             fair_table(measured, direct["dot"], shades),
             "## Adding-doubling\n",
             "Largest relative error by the number of directions per hemisphere; slabs are known to five decimals (half of the last is "
             "allowed for), skins to six. 16 directions are used.\n", doubling_table(programs.rows("doubling")),
             "## Measured skins\n",
             f"`{skins.name}`: forearms, NIST (Cooksey et al. 2017). Medians of parameters belong to the fits; they trade off.\n",
             measured_table(measured), "![Measured skins, fitted and inverted](skin_fit.svg)\n",
             "## Dots against direct simulation\n",
             "Random skins (melanin 0.2-35 %, blood 0.3-5 %, scattering 3.7-9 /mm), dots (0.1-0.8 mm wide, 0.1-1 mm deep, 0.2-30 /mm), "
             "wavelengths (420-680 nm), and rings to 2 mm beyond the edge; every third row the middle.\n",
             error_table(direct["dot"], True)]
    if published:
        parts += ["## Dots against the simulations of others\n",
                  f"`{contrasts.name}`: white Monte Carlo of another program; 4 skins, 0.2-0.5 mm wide, 0.15-1 mm deep, 0.5-20 /mm, 400-700 "
                  "nm, middle and six rings. Its noise is about 0.003 in the middle; its bins at 0.2 mm are 0.1 mm wide; at 0.15 mm "
                  "deep it lies 0.005-0.015 above direct simulation itself.\n", error_table(published, False)]
    parts += ["![Contrast of the table against simulations](mark_direct.svg)\n", "## Lattices: R exp(−n a)\n",
              "Mean contrast of whole square lattices, followed photon by photon in three skins (melanin 1.3, 10, 35 %): how much more the "
              "exponential law says, with a of the table. Rows that stand out of their noise five times, weighed by it.\n",
              lattice_table(direct["lattice"]),
              "## Hairs\n", "Equivalent black area of random shafts (0.03-0.12 mm, 1-200 /mm, upright or leaning to 63 degrees), cut flush, to 3 "
              "mm deep; rows that stand out of their noise five times.\n",
              hair_errors(direct["hair"]),
              "## A standard dot by class\n", "0.30 mm wide, 0.30 mm deep, 10 /mm.\n", dot_table(classes), "![Contrast by depth](mark_depth.svg)\n",
              "![Darkening by density](mark_density.svg)\n",
              "## Stubble by class\n", "0.07 mm, leaning 45 degrees, cut flush, 150 per cm²: change of L*, and blueness a(640) / a(460).\n", hair_table(classes),
              "## Blueness\n", "a(640) / a(460) of the standard dot by depth, and of stubble; the depth at which a dot is as blue as black stubble.\n",
              blue_table(depths, classes), "![Blueness by depth](mark_blue.svg)\n",
              "## Advice by class\n", "`shade_table`, the usual request: dots healed 0.30 mm wide and 0.25 ± 0.05 mm deep, 150 per cm² as the hairs, which lean 45 degrees and are cut "
              "flush. Water : 1 by session; ΔE00 with its band; blueness of the dots over the stubble's. `!`: refused.\n", shade_lines,
              shade_end + "\n", "## Through time\n", "The standard dot on light skin (ITA 48), expected (weak, strong end); ageing is mostly assumed.\n", time_table(times),
              "![A dot through time](mark_time.svg)"]
    (out / "skin_tables.md").write_text("\n".join(parts) + "\n")

    plot_fit(programs.rows("spectra", skins), out / "skin_fit.svg")
    plot_errors(direct["dot"], published, out / "mark_direct.svg")
    plot_depth(depths, out / "mark_depth.svg")
    plot_blue(depths, classes, out / "mark_blue.svg")
    plot_time(times, out / "mark_time.svg")
    plot_density(programs.rows("densities"), out / "mark_density.svg")


main()
