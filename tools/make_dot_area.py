#!/usr/bin/env python3
"""Makes spectra/dot_area.csv, the table behind src/skin: make_dot_area.py SPECTRA_DIR > spectra/dot_area.csv

Reads our simulated dots and hairs and public colour tables from SPECTRA_DIR:
  sim_equivalent_black_area_mm2.csv   a(wavelength) of plugs, strength 10/mm (lattice Monte Carlo)
  sim_dot_contrast.csv                contrast in rings for six strengths (single dots)
  nist_skin_reflectance_10nm.csv      measured skins (Cooksey, Allen, Tsai 2017)
  ad_reference_3layer_skin.csv        adding-doubling skins with 2, 10 and 30 % melanosomes
  cie_cmf_1nm.csv, cie_illuminants_A_D50_D65_1nm.csv
What it does is described in docs/models.md, "Skin and dots". Plain Python, a few seconds.
"""
import csv, math, sys

root = sys.argv[1]
NM = list(range(400, 701, 10))
SIM_NM = list(range(400, 701, 20))
MELANIN = [0.002, 0.013, 0.03, 0.10, 0.20]
DIAMETER = [0.07, 0.10, 0.14, 0.2, 0.3, 0.5]
DEPTH = [0.15, 0.2, 0.3, 0.4, 0.5, 0.7]
STRENGTH = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
HEIGHT = 0.2            # of the plug, mm
RING = [0.2, 0.3, 0.4, 0.6, 0.8, 1.0]
REFERENCE_N = 1.5       # marks per mm2 at which the channel areas are exact
GLOSS = 0.0278          # specular share of the measured reflectances, n = 1.4


def rows(name):
    with open(f"{root}/{name}") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def mix(a, b, t):
    return a + (b - a) * t


def at(xs, ys, x):
    """Piecewise linear, ends extended."""
    i = max(1, min(len(xs) - 1, next((k for k, v in enumerate(xs) if v >= x), len(xs) - 1)))
    return mix(ys[i - 1], ys[i], (x - xs[i - 1]) / (xs[i] - xs[i - 1]))


# --- colour -------------------------------------------------------------------------------------
cmf = {int(r["wavelength_nm"]): [float(r[k]) for k in ("x2", "y2", "z2")] for r in rows("cie_cmf_1nm.csv")}
d65 = {int(r["wavelength_nm"]): float(r["D65"]) for r in rows("cie_illuminants_A_D50_D65_1nm.csv")}
RGB_OF_XYZ = [[3.2409699419045213, -1.5373831775700935, -0.4986107602930033],
              [-0.9692436362808798, 1.8759675015077206, 0.04155505740717561],
              [0.05563007969699361, -0.20397695888897657, 1.0569715142428786]]
WEIGHT = [[0.0] * len(NM) for _ in range(3)]  # of each 10 nm reflectance in linear R, G, B
total_y = sum(cmf[w][1] * d65[w] for w in range(380, 781))
for w in range(380, 781):
    i = min(max((w - 400) / 10.0, 0.0), len(NM) - 1.0)
    k = min(int(i), len(NM) - 2)
    for c in range(3):
        v = sum(RGB_OF_XYZ[c][j] * cmf[w][j] for j in range(3)) * d65[w] / total_y
        WEIGHT[c][k] += v * (1 - (i - k))
        WEIGHT[c][k + 1] += v * (i - k)


def rgb(spectrum):
    return [sum(a * b for a, b in zip(WEIGHT[c], spectrum)) for c in range(3)]


def lab(linear):
    m = [[0.4123907992659595, 0.35758433938387796, 0.1804807884018343],
         [0.21263900587151036, 0.7151686787677559, 0.07219231536073371],
         [0.01933081871559185, 0.11919477979462599, 0.9505321522496606]]
    f = []
    for r in m:
        t = sum(a * b for a, b in zip(r, linear)) / sum(r)
        f.append(t ** (1 / 3) if t > 216 / 24389 else t * 841 / 108 + 4 / 29)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


# --- skins --------------------------------------------------------------------------------------
# ITA -> melanosome fraction: median fits to NIST skins per ITA class, at the class's median ITA; beyond
# 57 and below 2 degrees extrapolated. The same nodes stand in src/skin/skin.c.
ITA = [67.0, 56.7, 49.9, 36.0, 19.0, 2.1, -30.0, -54.0, -75.0]
ITA_MELANIN = [0.002, 0.005, 0.009, 0.019, 0.035, 0.048, 0.10, 0.20, 0.35]


def melanin_of_ita(ita):
    return math.exp(at([-x for x in ITA], [math.log(m) for m in ITA_MELANIN], -ita))


def measured_skins():
    """(melanin, gloss-free spectrum at NM) of every measured skin."""
    table = rows("nist_skin_reflectance_10nm.csv")
    skins = []
    for name in table[0]:
        if name == "wavelength_nm" or not name:
            continue
        full = [float(next(r[name] for r in table if int(float(r["wavelength_nm"])) == w)) for w in NM]
        L, _, b = lab(rgb(full))
        ita = math.degrees(math.atan((L - 50) / b))
        skins.append((melanin_of_ita(ita), ita, [v - GLOSS for v in full]))
    return skins


def adding_doubling():
    table = rows("ad_reference_3layer_skin.csv")
    return {f: ([int(r["wavelength_nm"]) for r in table if r["case"] == case],
                [math.log(float(r["UR1_n64"]) - GLOSS) for r in table if r["case"] == case])
            for case, f in (("light", 0.02), ("mid", 0.10), ("dark", 0.30))}


def melanin_filter(ad, f, nm):
    """ln of the gloss-free reflectance of the reference skin: parabola through 2, 10, 30 %."""
    y = [at(*ad[k], nm) for k in (0.02, 0.10, 0.30)]
    s1 = (y[1] - y[0]) / 0.08
    s2 = (y[2] - y[1]) / 0.20
    return y[0] + s1 * (f - 0.02) + (s2 - s1) / 0.28 * (f - 0.02) * (f - 0.10)


def skin_spectra():
    """Per melanin level the mean of the eight measured skins nearest in ln(melanin), each brought
    to the level by the melanin filter of the adding-doubling skins."""
    skins, ad = measured_skins(), adding_doubling()
    out = []
    for f in MELANIN:
        near = sorted(skins, key=lambda s: abs(math.log(s[0] / f)))[:8 if f < 0.05 else 3]
        mean = [0.0] * len(NM)
        for m, _, spectrum in near:
            for i, w in enumerate(NM):
                mean[i] += spectrum[i] * math.exp(melanin_filter(ad, f, w) - melanin_filter(ad, m, w)) / len(near)
        out.append(mean)
    return out, skins


# --- simulated dots -----------------------------------------------------------------------------
area10 = {}
for r in rows("sim_equivalent_black_area_mm2.csv"):
    key = float(r["f_mel"]), float(r["dia_mm"]), float(r["z_mm"])
    area10[key] = [max(float(r[f"a{w}"]), 1e-6) for w in SIM_NM]
rings = {}
for r in rows("sim_dot_contrast.csv"):
    key = tuple(float(r[k]) for k in ("f_mel", "dia_mm", "z_mm", "mu_p_per_mm", "wavelength_nm"))
    rings[key] = [float(r[k]) for k in ("c_centre", "c_0.20", "c_0.30", "c_0.40", "c_0.60", "c_0.80", "c_1.00")]


def ring_area(c):
    """Area (mm2) of the contrast within 1 mm: disc of 0.1 mm, then log-linear between the rings."""
    knots = [(0.1, math.sqrt(max(c[0] * c[1], 0)))] + list(zip(RING, c[1:]))
    total = math.pi * 0.01 * c[0]
    for (r0, c0), (r1, c1) in zip(knots, knots[1:]):
        for k in range(8):
            t = (k + 0.5) / 8
            value = math.exp(mix(math.log(max(c0, 1e-7)), math.log(max(c1, 1e-7)), t))
            total += 2 * math.pi * mix(r0, r1, t) * value * (r1 - r0) / 8
    return total


def ring_ratio(f, d, depth, mu, ref_depth, ref_mu):
    """Area of (depth, mu) relative to (ref_depth, ref_mu), per simulated wavelength, from the rings
    within 1 mm. Where the table's four decimals say nothing, the next wavelength's."""
    out = [None] * len(SIM_NM)
    for i in reversed(range(len(SIM_NM))):
        ref = rings[f, d, ref_depth, ref_mu, float(SIM_NM[i])]
        now = rings[f, d, depth, mu, float(SIM_NM[i])]
        seen = ref[0] > 0.01 and now[0] > 0.002
        out[i] = ring_area(now) / ring_area(ref) if seen else out[i + 1]
    return out


# Cross-section of a plug in diffuse light: S/4 (1 - exp(-k mu 4V/S)) (mean chord, Cauchy). k = 1.4
# reproduces the simulated ratios between diameters 0.2 and 0.3 mm and between strengths at 0.2 mm
# (see the report that this tool prints to stderr); used only below 0.2 mm.
CHORD = 1.4


def cross_section(d, mu):
    volume = math.pi * d * d * HEIGHT / 4
    surface = math.pi * d * HEIGHT + math.pi * d * d / 2
    return surface / 4 * (1 - math.exp(-CHORD * mu * 4 * volume / surface))


def sim_area(f, d, z, mu):
    """a at SIM_NM (mm2) for a simulated melanin level and any diameter of the table."""
    if d < 0.2:
        base = sim_area(f, 0.2, z, mu)
        return [a * cross_section(d, mu * 550 / w) / cross_section(0.2, mu * 550 / w) for a, w in zip(base, SIM_NM)]
    if z < 0.2:
        base = area10[f, d, 0.2]
        base = [a * k for a, k in zip(base, ring_ratio(f, d, z, 10.0, 0.2, 10.0))]
    else:
        base = area10[f, d, z]
    return [a * k for a, k in zip(base, ring_ratio(f, d, z, mu, z, 10.0))]


cache = {}


def spectral_area(f, d, z, mu):
    """a at NM (mm2); below the lightest simulated skin ln a goes on linearly in melanin."""
    key = f, d, z, mu
    if key not in cache:
        if f >= 0.013:
            a = sim_area(f, d, z, mu)
        else:
            light, next_ = sim_area(0.013, d, z, mu), sim_area(0.03, d, z, mu)
            t = (f - 0.013) / (0.03 - 0.013)
            a = [math.exp(mix(math.log(p), math.log(q), t)) for p, q in zip(light, next_)]
        cache[key] = [math.exp(at(SIM_NM, [math.log(v) for v in a], w)) for w in NM]
    return cache[key]


Z_WEIGHT = [0.0] * len(NM)
for w in range(380, 781):
    i = min(max((w - 400) / 10.0, 0.0), len(NM) - 1.0)
    k = min(int(i), len(NM) - 2)
    Z_WEIGHT[k] += cmf[w][2] * d65[w] * (1 - (i - k))
    Z_WEIGHT[k + 1] += cmf[w][2] * d65[w] * (i - k)
SMALL_BLUE = 0.1


def channel_ratio(skin, factor):
    """Linear sRGB of skin * factor relative to skin. Gloss-free dark skin lies near the edge of the
    sRGB gamut: its blue is a difference of nearly equal numbers and would even brighten when a dot takes
    green. There the blue ratio is that of Z, a mean over the same wavelengths with positive weights."""
    base, dotted = rgb(skin), rgb([r * t for r, t in zip(skin, factor)])
    z = sum(w * r * t for w, r, t in zip(Z_WEIGHT, skin, factor)) / sum(w * r for w, r in zip(Z_WEIGHT, skin))
    blue = dotted[2] / base[2] if base[2] > SMALL_BLUE else z
    return [dotted[0] / base[0], dotted[1] / base[1], blue]


def channel_area(skin, area, n=REFERENCE_N):
    return [-math.log(t) / n for t in channel_ratio(skin, [math.exp(-n * a) for a in area])]


# --- footprint ----------------------------------------------------------------------------------
def scaled_bessel0(x):
    """exp(-x) I0(x), x >= 0; Abramowitz and Stegun 9.8.1, 9.8.2."""
    if x < 3.75:
        t = (x / 3.75) ** 2
        return math.exp(-x) * (1 + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813))))))
    t = 3.75 / x
    return (0.39894228 + t * (0.01328592 + t * (0.00225319 + t * (-0.00157565 + t * (0.00916281 + t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377)))))))) / math.sqrt(x)


def blurred_disc(d, sigma, r):
    """Density (1/mm2) at r of a unit disc of diameter d blurred by a Gaussian."""
    n, total = 40, 0.0
    for k in range(n):
        p = (k + 0.5) / n * d / 2
        total += p * math.exp(-(r - p) ** 2 / (2 * sigma * sigma)) * scaled_bessel0(r * p / sigma ** 2)
    return total * (d / 2 / n) / sigma ** 2 / (math.pi * d * d / 4)


def profile_of_disc(d, sigma):
    inner = sum(blurred_disc(d, sigma, 0.1 * math.sqrt((k + 0.5) / 6)) for k in range(6)) / 6
    return [inner] + [blurred_disc(d, sigma, r) for r in RING]


def profile_of_gauss(sigma):
    s2 = 2 * sigma * sigma
    return [(1 - math.exp(-0.01 / s2)) / (math.pi * 0.01)] + [math.exp(-r * r / s2) / (math.pi * s2) for r in RING]


CORE_SIGMA = [0.02 * 1.13 ** k for k in range(24)]
HALO_SIGMA = [0.12 * 1.1 ** k for k in range(24)]
cores = {(d, s): profile_of_disc(d, s) for d in (0.2, 0.3, 0.5) for s in CORE_SIGMA}
halos = {s: profile_of_gauss(s) for s in HALO_SIGMA}
RING_WEIGHT = [math.pi * 0.01] + [2 * math.pi * r * w for r, w in zip(RING, (0.1, 0.1, 0.15, 0.2, 0.2, 0.2))]


def channel_depth(skin, f, d, z, mu):
    """Optical depth per channel at the centre and in the rings."""
    out = []
    for k in range(7):
        c = [rings[f, d, z, mu, float(w)][k] for w in SIM_NM]
        out.append([-math.log(t) for t in channel_ratio(skin, [1 - at(SIM_NM, c, w) for w in NM])])
    return [[row[c] for row in out] for c in range(3)]


def share_of(depth, area, core, halo):
    """The core's share that gives the centre its simulated optical depth."""
    return min(max((depth[0] / area - halo[0]) / (core[0] - halo[0]), 0.0), 1.0) if core[0] > halo[0] else 0.0


def misfit(depth, area, core, halo):
    s = share_of(depth, area, core, halo)
    return sum(w * abs(area * mix(h, k, s) - t) for w, t, k, h in zip(RING_WEIGHT, depth, core, halo)) / area


def footprint(skin, f, d, z):
    area = channel_area(skin, spectral_area(f, d, z, 10.0))
    depth = channel_depth(skin, f, d, z, 10.0)
    best = min((sum(misfit(depth[c], area[c], cores[d, sc], halos[sh]) for c in range(3)), sc, sh)
               for sc in CORE_SIGMA for sh in HALO_SIGMA if sh > 1.3 * sc)
    return best[1], best[2], best[0] / 3


# --- hairs: black and brown rods from the surface, area at 460, 540, 640 nm -----------------------
HAIR_NM = [460, 540, 640]
HAIR = {0.013: [0.062, 0.074, 0.195], 0.10: [0.034, 0.050, 0.144], 0.20: [0.015, 0.037, 0.127]}
HAIR_DIAMETER = 0.07


def hair_area(f, black):
    """Spectrum: that of a 0.2 mm dot at 0.2 mm, bent in ln a by straight lines in wavelength through the
    three simulated points. Depth 0.2 needs the least bending and reproduces the simulated dL*, da*, db*
    of black hairs to 0.25."""
    dot = spectral_area(f, 0.2, 0.2, 10.0)
    bend = [math.log(b / dot[NM.index(w)]) for b, w in zip(black, HAIR_NM)]
    return [a * math.exp(at(HAIR_NM, bend, min(max(w, 460), 640))) for a, w in zip(dot, NM)]


def main():
    skins, measured = skin_spectra()
    say = lambda *a: print(*a, file=sys.stderr)
    for name, low, high in (("very light", 55, 99), ("light", 41, 55), ("intermediate", 28, 41), ("tan", 10, 28), ("brown", -30, 10)):
        itas = sorted(i for _, i, _ in measured if low < i <= high)
        if itas:
            say(f"# {name}: {len(itas)} measured skins, median ITA {itas[len(itas) // 2]:.1f}, {itas[0]:.1f} to {itas[-1]:.1f}")
    for f, s in zip(MELANIN, skins):
        L, a, b = lab(rgb(s))
        say(f"# melanin {f}: gloss-free linear {[round(v, 4) for v in rgb(s)]}, Lab {L:.1f} {a:.1f} {b:.1f}, ITA {math.degrees(math.atan2(L - 50, b)):.1f}")
    print("# Equivalent black area of pigment dots and hairs in skin per linear sRGB channel, and their footprint.")
    print("# source: computed by us with tools/make_dot_area.py from our white Monte Carlo (latmc2.c, dotmc.c) and NIST skin")
    print("# spectra (Cooksey, Allen, Tsai, J. Res. NIST 122 (2017) 26); method and limits: docs/models.md. Licence: Apache-2.0.")
    print("# Diameters below 0.2 mm and melanin below 0.013 are extrapolated; rows in axis order, the last axis fastest.")
    for name, axis in (("melanin", MELANIN), ("diameter_mm", DIAMETER), ("depth_mm", DEPTH), ("absorption_per_mm", STRENGTH)):
        print("axis", name, *axis, sep=",")
    print("# mark,melanin,diameter_mm,depth_mm,absorption_per_mm,area_mm2 r,g,b,core_share r,g,b,core_sigma_mm,halo_sigma_mm")
    worst = {z: [] for z in DEPTH}
    for f, skin in zip(MELANIN, skins):
        g = max(f, 0.013)
        foot = {(d, z): footprint(skin, g, d, z) for d in (0.2, 0.3, 0.5) for z in DEPTH}
        for d in DIAMETER:
            for z in DEPTH:
                sc, sh, miss = foot[max(d, 0.2), z]
                worst[z].append(miss)
                if miss > 0.25:
                    say("# poor footprint:", f, d, z, sc, sh, f"{miss:.2f}")
                for mu in STRENGTH:
                    area = channel_area(skin, spectral_area(f, d, z, mu))
                    simulated = channel_area(skin, spectral_area(g, max(d, 0.2), z, mu))
                    depth = channel_depth(skin, g, max(d, 0.2), z, mu)
                    share = [share_of(depth[c], simulated[c], cores[max(d, 0.2), sc], halos[sh]) for c in range(3)]
                    print("mark", f, d, z, mu, *(f"{v:.3e}" for v in area), *(f"{v:.3f}" for v in share), f"{sc:.3f}", f"{sh:.3f}", sep=",")
    print("axis", "hair_melanin", *HAIR, sep=",")
    print("# hair,melanin,diameter_mm,area_mm2 r,g,b of a black hair cut flush")
    for f in HAIR:
        area = channel_area(skins[MELANIN.index(f)], hair_area(f, HAIR[f]))
        print("hair", f, HAIR_DIAMETER, *(f"{v:.3e}" for v in area), sep=",")
    for z in DEPTH:
        say(f"# depth {z}: share of the area that the footprint misplaces within 1 mm, mean {sum(worst[z]) / len(worst[z]):.3f} worst {max(worst[z]):.3f}")
    say("# channel area at n = 0.5 and 3 per mm2 relative to 1.5 (dot 0.3 mm, 0.3 mm deep, 10/mm)")
    for f, skin in zip(MELANIN, skins):
        area = spectral_area(f, 0.3, 0.3, 10.0)
        ref = channel_area(skin, area)
        say("#", f, *(f"{a / b:.3f}" for n in (0.5, 3.0) for a, b in zip(channel_area(skin, area, n), ref)))
        L0, a0, b0 = lab(rgb(skin))
        L1, a1, b1 = lab(rgb([r * math.exp(-1.5 * v) for r, v in zip(skin, area)]))
        say(f"#   150/cm2: dL {L1 - L0:.2f} da {a1 - a0:.2f} db {b1 - b0:.2f}; area", *(f"{v:.4f}" for v in ref))
    say("# mean-chord law against simulation, 540 nm: 0.3/0.2 mm", f"{cross_section(0.3, 10.2) / cross_section(0.2, 10.2):.3f}",
        f"{area10[0.013, 0.3, 0.3][7] / area10[0.013, 0.2, 0.3][7]:.3f}", "strength 1/10 at 0.2 mm",
        f"{cross_section(0.2, 1.02) / cross_section(0.2, 10.2):.3f}", f"{ring_ratio(0.013, 0.2, 0.3, 1.0, 0.3, 10.0)[7]:.3f}")


main()
