#!/usr/bin/env python3
"""Wall and processor time and peak memory of whole commands: whole_run.py FOLLICLE

Three runs each, the median; casefile_bench beside FOLLICLE reads the sample's case back. The sample is made here, the real scan is used when it stands beside the checkout.
"""
import json, os, pathlib, re, statistics, subprocess, sys, tempfile, time

follicle = os.path.abspath(sys.argv[1])
scan = pathlib.Path(__file__).resolve().parent.parent.parent / "shared/data/heads/lee_perry_smith.glb"


def measure(name, *args, runs=3):
    rows = []
    for _ in range(runs):
        start = time.monotonic()
        process = subprocess.Popen([follicle, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        talk = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        rows.append((time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
        if status:
            sys.exit(f"{name} failed: {args}")
    wall, cpu, memory = (statistics.median(column) for column in zip(*rows))
    said = talk.splitlines()[0].split(": ", 1)[-1] # without the folder
    print(f"{name:<44} wall {wall:6.2f} s   processor {cpu:6.2f} s   peak {memory:5.0f} MB   {said}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    measure("sample", "sample", "--seed=7", "--norwood=6", "--scar", "-o", work / "client", "--force")
    truth = (work / "client/truth.json").read_text()
    around = re.search(r'"circumference_mm":\s*([0-9.]+)', truth)[1]
    plan = ["plan", work / "client/scan.glb", f"--circumference-mm={around}", "--norwood=6", "-o", work / "case", "--force"]
    measure("plan of the sample, 2 threads", *plan, "--threads=2")
    measure("plan of the sample, 1 thread", *plan, "--threads=1")
    measure("course of that case, kept, papers again", "course", work / "case", "--keep")
    measure("its papers again", "report", work / "case")
    measure("its work.pdf alone", "report", work / "case", "--papers=work")
    bench = pathlib.Path(follicle).with_name("casefile_bench")
    print(subprocess.run([bench, work / "case"], capture_output=True, text=True, check=True).stdout, end="", flush=True)
    if scan.exists():
        real = ["plan", scan, "--circumference-mm=575", "--norwood=6", "-o", work / "case", "--force", "--threads=2"]
        measure("plan of a real scan (17,684 triangles)", *real)
        measure("the same, stubble ignored", *real, "--ignore-stubble")
    else:
        print("left out: a real scan (../shared/data/heads/lee_perry_smith.glb is not here)")
