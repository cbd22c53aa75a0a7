#!/usr/bin/env python3
"""`follicle report --formats=glb,usdz,stl,projector,ply`, each file opened by readers that know nothing of Follicle.

usage: solids_end_to_end.py FOLLICLE [PART OF A NAME]

GLB by assimp, STL by admesh and meshio, PLY by meshio, USDZ by Python's zipfile and a strict reader of text layers that
stands below. Where FOLLICLE_NODE_MODULES names a folder with the npm packages gltf-validator and three, Khronos' validator
reads the GLB and three.js the USDZ as well.
"""
import csv, json, math, os, pathlib, re, shutil, struct, subprocess, sys, tempfile, zipfile, zlib

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-solids-"))
POSE = {"schema": "follicle/projector", "version": 1, "position_mm": [0, 400, 600], "look_at_mm": [0, 80, 40],
        "width_px": 1280, "height_px": 800, "throw_ratio": 2.0}
SIDE = 1024


def run(*args):
    return subprocess.run([FOLLICLE, *map(str, args)], capture_output=True, text=True, timeout=600)


def done(*args):
    result = run(*args)
    check(result.returncode == 0, f"exit {result.returncode}: {result.stderr}")
    return result


def case():
    """A planned head and its exports, made on first use."""
    folder = WORK / "case"
    if not folder.exists():
        done("sample", "--seed=4", "--norwood=4", "--texture-px=1024", "-o", WORK / "client")
        head = json.loads((WORK / "client/truth.json").read_text())["head"]
        done("plan", WORK / "client/scan.glb", f"--circumference-mm={head['circumference_mm']}", "--norwood=4",
             "--picture-height-px=200", "-o", folder)
    return folder


def report(out, *more):
    pose = WORK / "projector.json"
    pose.write_text(json.dumps(POSE))
    return done("report", case(), "-o", out, "--formats=glb,usdz,stl,projector,ply", f"--projector-pose={pose}",
                f"--texture-px={SIDE}", *more)


def files():
    out = WORK / "out"
    if not out.exists():
        report(out)
    return out


def tool(name, package):
    if shutil.which(name) is None:
        raise Skip(f"{name} ({package}) is missing")
    return name


def modules():
    try:
        import meshio, numpy
    except ImportError:
        raise Skip("meshio (python3-meshio) is missing")
    return meshio, numpy


def dots():
    with open(case() / "dots.csv", newline="") as table:
        return list(csv.DictReader(table))


# ---- GLB ----

def glb(path):
    """Its JSON and its binary chunk, read by the letter of the standard."""
    data = path.read_bytes()
    magic, version, length, json_size, json_kind = struct.unpack_from("<4sIIII", data)
    check((magic, version, length, json_kind) == (b"glTF", 2, len(data), 0x4E4F534A), "not a GLB of version 2")
    bin_size, bin_kind = struct.unpack_from("<II", data, 20 + json_size)
    check(bin_kind == 0x004E4942 and 28 + json_size + bin_size == len(data), "not one JSON and one binary chunk")
    return json.loads(data[20:20 + json_size]), data[28 + json_size:]


def glb_arrays(path):
    _, numpy = modules()
    head, blob = glb(path)
    primitive = head["meshes"][0]["primitives"][0]

    def array(index):
        accessor = head["accessors"][index]
        view = head["bufferViews"][accessor["bufferView"]]
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[accessor["type"]]
        kind = {5125: "<u4", 5126: "<f4"}[accessor["componentType"]]
        flat = numpy.frombuffer(blob, kind, accessor["count"] * width, view["byteOffset"])
        return flat.reshape(-1, width).squeeze()

    named = primitive["attributes"]
    return (array(named["POSITION"]), array(named["NORMAL"]), array(named["TEXCOORD_0"]), array(primitive["indices"]).reshape(-1, 3))


def png_size(data):
    check(data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR", "not a PNG")
    return struct.unpack(">IIBB", data[16:26])


@test
def assimp_opens_the_glb_with_its_texture_at_the_size_of_the_head_in_metres():
    meshio, numpy = modules()
    out = WORK / "assimp.stl"
    converted = subprocess.run([tool("assimp", "assimp-utils"), "export", files() / "healed.glb", out, "-fstlb"],
                               capture_output=True, text=True)
    check(converted.returncode == 0 and out.exists(), converted.stdout + converted.stderr)
    points = meshio.read(out).points
    position, _, _, _ = glb_arrays(files() / "healed.glb")
    check(numpy.abs(points.min(0) - position.min(0)).max() < 1e-6 and numpy.abs(points.max(0) - position.max(0)).max() < 1e-6)
    truth = json.loads((WORK / "client/truth.json").read_text())["head"]
    # Above the ears the canvas is as broad as the caliper said; faces stick out in front only.
    high = points[points[:, 1] > 0.035]
    breadth = high[:, 0].max() - high[:, 0].min()
    check(abs(1000 * breadth - truth["breadth_mm"]) < 2, f"{1000 * breadth} of {truth['breadth_mm']} mm")
    told = subprocess.run(["assimp", "info", files() / "healed.glb"], capture_output=True, text=True).stdout
    check(re.search(r"Textures \(embed.\):\s+1", told) and re.search(r"Meshes:\s+1", told), told)


@test
def every_dot_lies_on_the_surface_of_the_glb():
    _, numpy = modules()
    position, normal, _, triangle = glb_arrays(files() / "healed.glb")
    position = 1000 * position.astype(float)
    around = {}
    for index, corners in enumerate(triangle):
        for corner in corners:
            around.setdefault(int(corner), []).append(index)
    worst = 0
    for row in dots()[::25]:
        dot = numpy.array([float(row[key]) for key in ("x_mm", "y_mm", "z_mm")])
        nearest = int(numpy.argmin(((position - dot) ** 2).sum(1)))
        check(math.dist(position[nearest], dot) < 3, "a dot is not near a vertex")
        best = 1e9
        for index in around[nearest]:
            a, b, c = position[triangle[index]]
            across = numpy.cross(b - a, c - a)
            best = min(best, abs(numpy.dot(across / numpy.linalg.norm(across), dot - a)))
        worst = max(worst, best)
    check(worst < 0.01, f"a dot lies {worst} mm off the surface")
    check(abs(numpy.linalg.norm(normal, axis=1) - 1).max() < 1e-5)


def png_rows(data):
    """The pixels of an 8-bit PNG without alpha, [height][width][channels], by the letter of the standard."""
    _, numpy = modules()
    width, height, depth, kind = png_size(data)
    check(depth == 8 and kind in (0, 2), "not 8 bits of grey or colour")
    wide, at, packed = width * (1 + kind), 8, b""
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if name == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    raw, rows, last = zlib.decompress(packed), [], numpy.zeros((width, 1 + kind), dtype=numpy.uint8)
    for y in range(height):
        mode = raw[y * (wide + 1)]
        line = numpy.frombuffer(raw, numpy.uint8, wide, y * (wide + 1) + 1).reshape(width, 1 + kind)
        check(mode in (0, 1, 2), f"filter {mode}")
        last = line if mode == 0 else numpy.cumsum(line, axis=0, dtype=numpy.uint8) if mode == 1 else line + last
        rows.append(last)
    return numpy.array(rows)


def texture_at_dots(path):
    """The picture of a GLB, and its green code at the place of each dot on its triangle's corner nearest to it."""
    _, numpy = modules()
    head, blob = glb(path)
    view = head["bufferViews"][head["images"][0]["bufferView"]]
    picture = png_rows(blob[view["byteOffset"]:view["byteOffset"] + view["byteLength"]])
    at = numpy.array([[float(row[key]) for key in ("x_mm", "y_mm", "z_mm")] for row in dots()])
    arm = at - numpy.array([0, 5, -5]) # HEAD_CENTRE_MM
    arm /= numpy.linalg.norm(arm, axis=1)[:, None]
    u, v = arm[:, 0] / (1 + arm[:, 1]), arm[:, 2] / (1 + arm[:, 1])
    return picture, picture[((1.45 - v) / 2.9 * SIDE).astype(int), ((u + 1.45) / 2.9 * SIDE).astype(int), 1].astype(float)


@test
def the_dots_are_dark_in_the_texture_and_ten_years_make_them_paler():
    older = WORK / "older"
    report(older, "--years=10")
    picture, healed = texture_at_dots(files() / "healed.glb")
    check(picture.shape == (SIDE, SIDE, 3), picture.shape)
    _, aged = texture_at_dots(older / "healed.glb")
    check((healed < aged).mean() > 0.9 and (healed > aged).mean() < 0.02, f"{healed.mean()} and {aged.mean()}")


def node(path):
    folder = os.environ.get("FOLLICLE_NODE_MODULES")
    if not folder or shutil.which("node") is None:
        raise Skip("FOLLICLE_NODE_MODULES does not name a folder with gltf-validator and three")
    told = subprocess.run(["node", ROOT / "tests/solids_read.mjs", folder, path], capture_output=True, text=True)
    check(told.returncode == 0, told.stderr)
    return json.loads(told.stdout)


@test
def the_validator_of_khronos_finds_nothing_in_the_glb():
    found = node(files() / "healed.glb")
    check(found == {"errors": 0, "warnings": 0, "messages": []}, found)


# ---- USDZ ----

def package():
    """Name -> bytes, in the order of the archive, of a zip that keeps to the rules of USDZ."""
    path = files() / "healed.usdz"
    data, entries = path.read_bytes(), {}
    with zipfile.ZipFile(path) as archive:
        check(archive.testzip() is None, "a checksum is wrong")
        for info in archive.infolist():
            check(info.compress_type == zipfile.ZIP_STORED and info.flag_bits == 0, f"{info.filename} is not stored")
            name_size, extra_size = struct.unpack_from("<HH", data, info.header_offset + 26)
            begin = info.header_offset + 30 + name_size + extra_size
            check(begin % 64 == 0, f"the data of {info.filename} begin at {begin}")
            entries[info.filename] = archive.read(info)
    return entries


class Usda:
    """A strict reader of the text layers that this program writes; anything else is an error.

    prim = 'def' TYPE '"NAME"' [metadata] '{' (attribute | prim)* '}', values as in the specification of USD's text form.
    """
    TOKEN = re.compile(r'\s*(?:#[^\n]*\n\s*)*("(?:[^"\\\n]|\\.)*"|@[^@\n]*@|<[^>\n]*>|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?'
                       r'|[A-Za-z_][\w:.]*(?:\[\])?|[()\[\]{}=,])')

    def __init__(self, text):
        check(text.startswith("#usda 1.0\n"), "not a text layer")
        self.tokens, at = [], 0
        while text[at:].strip() if at + 200 > len(text) else True:
            match = self.TOKEN.match(text, at)
            check(match, f"cannot read {text[at:at + 40]!r}")
            self.tokens.append(match[1])
            at = match.end()
        self.at = 0
        self.metadata = self.read_metadata() if self.peek() == "(" else {}
        self.prims = {}
        while self.peek() is not None:
            self.read_prim("", self.prims)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        check(token is not None and (wanted is None or token == wanted), f"{token!r} stands where {wanted!r} should")
        self.at += 1
        return token

    def read_value(self):
        token = self.take()
        if token in "([":
            items, close = [], {"(": ")", "[": "]"}[token]
            while self.peek() != close:
                items.append(self.read_value())
                if self.peek() != close:
                    self.take(",")
            self.take(close)
            return tuple(items) if close == ")" else items
        if token[0] in '"@<':
            return token[1:-1] if token[0] != "<" else token
        check(re.fullmatch(r"-?\d.*", token), f"{token!r} is no value")
        return float(token) if re.search(r"[.eE]", token) else int(token)

    def read_metadata(self):
        self.take("(")
        found = {}
        while self.peek() != ")":
            if self.peek() == "prepend":
                self.take()
            key = self.take()
            self.take("=")
            found[key] = self.read_value()
        self.take(")")
        return found

    def read_prim(self, parent, prims):
        self.take("def")
        kind, name = self.take(), self.take()[1:-1]
        path = f"{parent}/{name}"
        check(path not in prims, f"{path} is there twice")
        prim = prims[path] = {"type": kind, "metadata": self.read_metadata() if self.peek() == "(" else {}, "attributes": {}}
        self.take("{")
        while self.peek() != "}":
            if self.peek() == "def":
                self.read_prim(path, prims)
            else:
                self.read_attribute(prim["attributes"])
        self.take("}")

    def read_attribute(self, attributes):
        if self.peek() == "uniform":
            self.take()
        kind, name = self.take(), self.take()
        entry = attributes[name] = {"type": kind}
        if self.peek() == "=":
            self.take()
            entry["value"] = self.read_value()
        if self.peek() == "(":
            entry["metadata"] = self.read_metadata()


def layer():
    entries = package()
    first = next(iter(entries))
    check(first.endswith(".usda"), f"{first} comes first, not the layer")
    return Usda(entries[first].decode("ascii")), entries


@test
def the_usdz_is_a_stored_zip_whose_files_begin_at_multiples_of_64_bytes():
    entries = package()
    check(list(entries) == ["head.usda", "textures/skin.png"], list(entries))
    check(png_size(entries["textures/skin.png"]) == (SIDE, SIDE, 8, 2), "not a texture of the asked size")
    listed = subprocess.run([sys.executable, "-m", "zipfile", "-t", files() / "healed.usdz"], capture_output=True, text=True)
    check(listed.returncode == 0 and "failing" not in listed.stdout, listed.stdout)


@test
def the_layer_of_the_usdz_is_the_mesh_of_the_glb_in_metres():
    _, numpy = modules()
    usda, _ = layer()
    position, normal, place, triangle = glb_arrays(files() / "healed.glb")
    check(usda.metadata == {"defaultPrim": "Head", "metersPerUnit": 1, "upAxis": "Y"}, usda.metadata)
    mesh = usda.prims["/Head/Canvas"]
    check(mesh["type"] == "Mesh" and usda.prims["/Head"]["type"] == "Xform", mesh["type"])
    value = {key: entry["value"] for key, entry in mesh["attributes"].items()}
    check(set(value["faceVertexCounts"]) == {3} and len(value["faceVertexCounts"]) == len(triangle))
    check((numpy.array(value["faceVertexIndices"]).reshape(-1, 3) == triangle).all(), "other triangles")
    check(numpy.abs(numpy.array(value["points"]) - position).max() < 1e-6, "other points")
    check(numpy.abs(numpy.array(value["normals"]) - normal).max() < 1e-5, "other normals")
    st = numpy.array(value["primvars:st"])
    check(numpy.abs(st[:, 0] - place[:, 0]).max() < 1e-6 and numpy.abs(st[:, 1] - (1 - place[:, 1])).max() < 1e-6, "st")
    for name in ("normals", "primvars:st"):
        check(mesh["attributes"][name]["metadata"] == {"interpolation": "vertex"}, name)
    low, high = numpy.array(value["extent"])
    check(numpy.abs(low - position.min(0)).max() < 1e-6 and numpy.abs(high - position.max(0)).max() < 1e-6, "extent")
    check((value["orientation"], value["subdivisionScheme"], value["doubleSided"]) == ("rightHanded", "none", 1))


@test
def every_connection_of_the_usdz_leads_to_what_is_there():
    usda, entries = layer()
    mesh = usda.prims["/Head/Canvas"]
    check(mesh["metadata"]["apiSchemas"] == ["MaterialBindingAPI"], mesh["metadata"])
    check(mesh["attributes"]["material:binding"]["value"] == "</Head/Materials/Skin>")
    shaders = {prim["attributes"]["info:id"]["value"] for prim in usda.prims.values() if prim["type"] == "Shader"}
    check(shaders == {"UsdPreviewSurface", "UsdPrimvarReader_float2", "UsdUVTexture"}, shaders)
    links = 0
    for prim in usda.prims.values():
        for name, entry in prim["attributes"].items():
            if name.endswith(".connect"):
                path, output = entry["value"][1:-1].rsplit(".", 1)
                check(output in usda.prims[path]["attributes"], f"{name} leads to {entry['value']}")
                links += 1
            if entry["type"] == "asset":
                check(entry["value"] in entries, f"{entry['value']} is not in the package")
    check(links == 3, f"{links} connections")


@test
def three_js_composes_the_usdz_to_the_size_of_the_glb():
    _, numpy = modules()
    found = node(files() / "healed.usdz")
    position, _, _, triangle = glb_arrays(files() / "healed.glb")
    mesh, = found["meshes"]
    check(mesh["corners"] in (len(position), 3 * len(triangle)) and mesh["textured"] and mesh["metalness"] == 0, mesh)
    check(mesh["attributes"] == ["normal", "position", "uv"], mesh)
    check(numpy.abs(numpy.array(found["min"]) - position.min(0)).max() < 1e-6 and
          numpy.abs(numpy.array(found["max"]) - position.max(0)).max() < 1e-6, found)


# ---- the guide ----

@test
def admesh_finds_one_closed_piece_of_the_right_volume():
    told = subprocess.run([tool("admesh", "admesh"), files() / "guide.stl"], capture_output=True, text=True)
    check(told.returncode == 0, told.stderr)
    facts = {name: float(value) for name, value in re.findall(r"([A-Z][A-Za-z ]+?)\s*:\s+(-?[\d.]+)", told.stdout)}
    for name in ("Total disconnected facets", "Degenerate facets", "Edges fixed", "Facets removed", "Facets added",
                 "Facets reversed", "Backwards edges", "Normals fixed"):
        check(facts[name] == 0, f"{name}: {facts[name]}")
    check(facts["Number of parts"] == 1, facts)
    line = json.loads((case() / "layout.json").read_text())["hairline"]["length_mm"]
    # 2 mm thick, a band of 28 mm with round ends along the line, less the slot of 1.6 mm
    want = 2 * ((28 - 1.6) * line + math.pi * 14 ** 2)
    check(abs(facts["Volume"] / want - 1) < 0.1, f"{facts['Volume']} of about {want} mm3")


@test
def the_guide_lies_over_the_hairline_in_millimetres():
    meshio, numpy = modules()
    points = meshio.read(files() / "guide.stl").points
    line = numpy.array(json.loads((case() / "layout.json").read_text())["hairline"]["curve_mm"])
    off = numpy.sqrt(((points[::7, None, :] - line[None, ::2, :]) ** 2).sum(2)).min(1)
    check(off.max() < 14 + 2.3 + 1, f"{off.max()} mm from the line")
    check(0.3 < off.min(), f"{off.min()} mm from the line")
    high = numpy.abs(points.max(0) - line.max(0))
    check(high.max() < 18, high)


# ---- PLY ----

@test
def meshio_reads_the_dots_with_normals_radius_and_session():
    meshio, numpy = modules()
    cloud, rows = meshio.read(files() / "dots.ply"), dots()
    check(len(cloud.points) == len(rows))
    for key, column, scale in (("radius", "diameter_mm", 0.5), ("diameter", "diameter_mm", 1), ("session", "session", 1),
                               ("nx", "nx", 1), ("ny", "ny", 1), ("nz", "nz", 1)):
        want = numpy.array([scale * float(row[column]) for row in rows])
        check(numpy.abs(cloud.point_data[key] - want).max() < 6e-4, key)
    want = numpy.array([[float(row[key]) for key in ("x_mm", "y_mm", "z_mm")] for row in rows])
    check(numpy.abs(cloud.points - want).max() < 6e-4)


# ---- the projector ----

@test
def the_projector_lights_the_dots_that_face_it_and_nothing_else():
    _, numpy = modules()
    picture = png_rows((files() / "projector.png").read_bytes())
    check(picture.shape == (POSE["height_px"], POSE["width_px"], 1), picture.shape)
    picture = picture[:, :, 0]
    eye, target = numpy.array(POSE["position_mm"], float), numpy.array(POSE["look_at_mm"], float)
    ahead = (target - eye) / numpy.linalg.norm(target - eye)
    right = numpy.cross(ahead, [0, 1, 0])
    right /= numpy.linalg.norm(right)
    down = numpy.cross(ahead, right)
    at = numpy.array([[float(row[key]) for key in ("x_mm", "y_mm", "z_mm")] for row in dots()])
    normal = numpy.array([[float(row[key]) for key in ("nx", "ny", "nz")] for row in dots()])
    way = eye - at
    facing = (way * normal).sum(1) / numpy.linalg.norm(way, axis=1)
    focal = POSE["throw_ratio"] * POSE["width_px"]
    depth = -way @ ahead
    x, y = POSE["width_px"] / 2 - focal * (way @ right) / depth, POSE["height_px"] / 2 - focal * (way @ down) / depth
    inside = (x > 1) & (y > 1) & (x < POSE["width_px"] - 1) & (y < POSE["height_px"] - 1)
    lit = picture[y[inside].astype(int), x[inside].astype(int)]
    check((facing[inside] > 0.3).sum() > 500, "hardly any dot faces the projector")
    share = (lit[facing[inside] > 0.3] > 100).mean()
    check(share > 0.995, f"only {share} of the dots are lit")
    near = numpy.zeros_like(picture, dtype=bool)
    for dx in range(-4, 5):
        for dy in range(-4, 5):
            near[numpy.clip(y[facing > 0.2] + dy, 0, picture.shape[0] - 1).astype(int),
                 numpy.clip(x[facing > 0.2] + dx, 0, picture.shape[1] - 1).astype(int)] = True
    check(picture[~near].max() == 0, "light where no dot is")


@test
def poses_that_make_no_sense_are_refused_with_the_key():
    pose = WORK / "wrong.json"
    for change, word in (({"throw_ratio": 0}, "throw_ratio"), ({"focal_px": 2000}, "one of"), ({"tilt": 3}, "tilt"),
                         ({"look_at_mm": POSE["position_mm"]}, "stands"), ({"version": 9}, "version")):
        pose.write_text(json.dumps({**POSE, **change}))
        result = run("report", case(), "-o", WORK / "never", "--formats=projector", f"--projector-pose={pose}")
        check(result.returncode == 1 and word in result.stderr, f"{result.returncode}: {result.stderr}")
        check(not (WORK / "never").exists(), "a folder was left behind")
    folder = WORK / "pose"
    folder.mkdir()
    (folder / "projector.json").write_text(json.dumps(POSE))
    valid = subprocess.run([sys.executable, ROOT / "tests/test_schemas.py", folder], capture_output=True, text=True)
    check(valid.returncode == 0, valid.stdout + valid.stderr)


@test
def the_same_case_gives_the_same_bytes_with_any_number_of_threads():
    again = WORK / "again"
    report(again, "--threads=3")
    for path in sorted(files().iterdir()):
        check((again / path.name).read_bytes() == path.read_bytes(), f"{path.name} differs")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
