# The face of the project: what a person types. Meson does the work, in build/.
.PHONY: help all setup demo test serve bench fuzz asan tsan install clean
.DEFAULT_GOAL := help
CASE ?= demo/case
PORT ?= 8420
FUZZ_SECONDS ?= 60

help:
	@echo "make demo     a synthetic client, and its plan, pictures and documents, in demo/"
	@echo "make test     every test"
	@echo "make setup    install what is needed (the others do it themselves)"
	@echo "make serve    show the demo's case on http://127.0.0.1:$(PORT)"
	@echo "make bench    the measurements of bench/"
	@echo "make fuzz     every parser, FUZZ_SECONDS=$(FUZZ_SECONDS) each"
	@echo "make asan     the tests under AddressSanitizer and UBSan;  make tsan: under ThreadSanitizer"
	@echo "make install  into PREFIX (default /usr/local)"

setup:
	@tools/setup.sh build test

build/build.ninja:
	@tools/setup.sh build
	@meson setup build >/dev/null

all: build/build.ninja
	@ninja -C build --quiet

demo: all
	@tools/demo.sh

test: all
	@tools/setup.sh test
	@tools/run_tests.sh build

serve: all
	@[ -d $(CASE) ] || tools/demo.sh
	@build/follicle serve --port=$(PORT) $(CASE)

bench: all
	@bench/run.sh

fuzz:
	@tools/setup.sh fuzz
	@tools/fuzz.sh $(FUZZ_SECONDS)

asan tsan:
	@tools/setup.sh test
	@tools/sanitize.sh $@

install: all
	@meson configure build -Dprefix=$(or $(PREFIX),/usr/local) && meson install -C build

clean:
	@rm -rf build demo
