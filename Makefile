# make demo    see it work: a private directory, the sample forms, and what happened to each
# make test    build it and run every test
# make check   what a change must pass: format, warnings as errors, walls between targets, tests
# make bench   the release build against ldapadd and a bare C loader; BENCH="..." passes arguments on
# make build   the debug build            make release   the release build
# make install-deps   what is missing of Debian's packages; the others call it
# make format  mend the format            make clean     throw all builds away

# The same flags everywhere, so that demo, test and check share one build. SwiftPM keeps them from other packages' code.
SWIFT ?= swift
FLAGS := -Xswiftc -warnings-as-errors
FORMAT := $(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format
SWIFT_CODE := Package.swift Sources Tests

.PHONY: help demo test check bench build release install-deps format clean

help:
	@sed -n '/^#/!q; s/^# //p' Makefile

install-deps:
	@scripts/install-deps.sh

build: install-deps
	$(SWIFT) build $(FLAGS)

release: install-deps
	$(SWIFT) build -c release

demo: build
	@scripts/demo.sh .build/debug/buzon

test: install-deps
	$(SWIFT) build $(FLAGS) --build-tests
	# Many start a slapd and an agent of their own: more than a few at a time starve one another.
	$(SWIFT) test $(FLAGS) --skip-build --experimental-maximum-parallelization-width 4

check: install-deps
	$(FORMAT) $(SWIFT_CODE)
	@scripts/check-walls.sh
	$(MAKE) test

bench: release
	.build/release/benchmark $(BENCH)

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(SWIFT_CODE)

clean:
	rm -rf .build
