# make demo    see it work: a private directory, the sample forms, and what happened to each
# make test    build it and run every test
# make test-2.6   as root: the tests of directory and mail in a Debian 13 of their own, with OpenLDAP 2.6 and Dovecot 2.4
# make check   what a change must pass: format, warnings as errors, walls between targets, tests
# make torture   break everything, whole, for an hour or two; TORTURE=SUITE for one of its suites
# make fuzz    libFuzzer on every reader and writer; FUZZ="SECONDS TARGET..."
# make sanitize   the tests under ThreadSanitizer, then AddressSanitizer
# make bench   the release build against ldapadd and a bare C loader; BENCH="..." passes arguments on
# make build   the debug build            make release   the release build, with the Swift runtime in it
# make man     the manual, into .build/man
# make install   the release build into PREFIX=/usr below DESTDIR=; make uninstall takes it away again
# make deb     the package of the release build, for the Debian it is built on: .build/deb/buzon_VERSION_ARCH.deb
# make field   as root: install it in a Debian 12 of its own, as the README says, and see it work under its unit
# make deb-test   as root: install, use, upgrade, remove and purge the package in a Debian 12 of its own
# make deb-13   as root: build the package in a Debian 13 of its own, and the same test there
# make install-deps   what is missing of Debian's packages; the others call it
# make format  mend the format            make clean     throw all builds away

# The same flags everywhere, so that demo, test and check share one build. SwiftPM keeps them from other packages' code.
SWIFT ?= swift
FLAGS := -Xswiftc -warnings-as-errors
# A program that is installed finds no toolchain: it has the Swift runtime in it, and looks for libraries where the system
# has them alone. What the linker fills in at the start is read-only after it (not every Debian's ld does that by itself).
RELEASE := -c release --static-swift-stdlib --disable-local-rpath -Xlinker -zrelro -Xlinker -znow
# What `buzon --version` prints as the commit of a release build. Debug builds have none: a commit does not make them old.
COMMIT = $(shell git rev-parse --short=12 HEAD 2>/dev/null)$(shell git diff --quiet HEAD 2>/dev/null || echo +changes)
FORMAT := $(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format
SWIFT_CODE := Package.swift Sources Tests

.PHONY: help demo test test-2.6 check torture fuzz sanitize bench field build release deb deb-test deb-13 man install uninstall \
  install-deps format clean

help:
	@sed -n '/^#/!q; s/^# //p' Makefile

install-deps:
	@scripts/install-deps.sh

build: install-deps
	$(SWIFT) build $(FLAGS)

release: install-deps
	BUZON_COMMIT='$(COMMIT)' $(SWIFT) build $(RELEASE)
	@touch .build/release.built

demo: build
	@scripts/demo.sh .build/debug/buzon

test:
	@scripts/install-deps.sh test
	$(SWIFT) build $(FLAGS) --build-tests
	@SWIFT=$(SWIFT) scripts/run-tests.sh $(FLAGS)

# TESTS=REGEX: other tests than those of a directory and of mail.
test-2.6:
	@! [ "$$(id -u)" = 0 ] || scripts/install-deps.sh field || true
	@SWIFT=$(SWIFT) scripts/test-2.6.sh $(if $(TESTS),'$(TESTS)')

check: install-deps
	$(FORMAT) $(SWIFT_CODE)
	@SWIFT=$(SWIFT) scripts/check-walls.sh
	$(MAKE) test

torture:
	@scripts/install-deps.sh test
	$(SWIFT) build $(FLAGS) --build-tests
	@SWIFT=$(SWIFT) SWIFT_FLAGS='$(FLAGS)' scripts/torture.sh $(TORTURE)

fuzz: install-deps
	@SWIFT=$(SWIFT) scripts/fuzz.sh $(FUZZ)

sanitize:
	@scripts/install-deps.sh test
	@SWIFT=$(SWIFT) scripts/sanitize.sh thread && SWIFT=$(SWIFT) scripts/sanitize.sh address

# BUILD=debug installs the debug build; BIN=FILE a program that is built already.
BUILD := release
BIN = .build/$(BUILD)/buzon
PREFIX := /usr
DESTDIR :=
ROOT := $(DESTDIR)$(PREFIX)
UNITS := $(ROOT)/lib/systemd/system/buzon.service $(ROOT)/lib/sysusers.d/buzon.conf $(ROOT)/lib/tmpfiles.d/buzon.conf \
  $(ROOT)/lib/systemd/catalog/buzon.catalog $(ROOT)/lib/systemd/catalog/buzon.es.catalog
COMPLETIONS := $(ROOT)/share/bash-completion/completions/buzon $(ROOT)/share/zsh/vendor-completions/_buzon \
  $(ROOT)/share/fish/vendor_completions.d/buzon.fish

# Newer than every source once the program is built: then "sudo make install" needs no toolchain.
BUILT := .build/$(BUILD).built
IS_GIVEN := $(filter-out file,$(origin BIN))
SOURCES = Package.swift $(shell find Sources -type f)

bench: release
	.build/release/benchmark $(BENCH)

field: $(BUILT)
	@scripts/install-deps.sh field
	@BUILD=$(BUILD) scripts/field.sh

# The package is of the Debian that it is built on: another one has other libraries (libldap).
deb: $(if $(IS_GIVEN),,$(BUILT))
	@scripts/install-deps.sh deb
	@BUILD=$(BUILD) $(if $(IS_GIVEN),BIN='$(BIN)') scripts/deb.sh

deb-test: deb
	@scripts/install-deps.sh field
	@BUILD=$(BUILD) scripts/deb-test.sh bookworm

deb-13:
	@scripts/install-deps.sh field
	@scripts/deb-13.sh

man: $(if $(IS_GIVEN),,$(BUILT))
	@scripts/man.sh '$(BIN)' .build/man

$(BUILT): $(SOURCES)
	@command -v $(firstword $(SWIFT)) >/dev/null || { echo 'make: the program is not built, or is older than its sources, and there is no "$(SWIFT)" in the PATH of this user; run "make release" as the user who has the toolchain, then try again' >&2; exit 69; }
	$(MAKE) $(if $(filter debug,$(BUILD)),build,release)
	@touch $@

install: $(if $(IS_GIVEN),,$(BUILT))
	install -D -m 755 '$(BIN)' '$(ROOT)/bin/buzon'
	install -d '$(ROOT)/lib/systemd/system' '$(ROOT)/share/buzon/schema' '$(ROOT)/share/buzon/config/slapd' '$(ROOT)/share/buzon/config/postfix' '$(ROOT)/share/buzon/config/dovecot' '$(ROOT)/share/buzon/config/change-page' '$(ROOT)/share/buzon/config/prometheus' '$(ROOT)/share/buzon/config/grafana' '$(ROOT)/share/buzon/templates' '$(ROOT)/share/doc/buzon/forms' \
	  $(dir $(COMPLETIONS))
	sed 's|/usr/bin/buzon|$(PREFIX)/bin/buzon|' config/systemd/buzon.service > '$(ROOT)/lib/systemd/system/buzon.service'
	chmod 644 '$(ROOT)/lib/systemd/system/buzon.service'
	install -D -m 644 config/sysusers.d/buzon.conf '$(ROOT)/lib/sysusers.d/buzon.conf'
	install -D -m 644 config/tmpfiles.d/buzon.conf '$(ROOT)/lib/tmpfiles.d/buzon.conf'
	install -D -m 644 -t '$(ROOT)/lib/systemd/catalog' config/journal/*.catalog
	install -m 644 schema/* '$(ROOT)/share/buzon/schema'
	install -m 644 config/slapd/* '$(ROOT)/share/buzon/config/slapd'
	install -m 644 config/postfix/* '$(ROOT)/share/buzon/config/postfix'
	install -m 644 config/dovecot/* '$(ROOT)/share/buzon/config/dovecot'
	install -m 644 config/change-page/* '$(ROOT)/share/buzon/config/change-page'
	install -m 644 config/prometheus/* '$(ROOT)/share/buzon/config/prometheus'
	install -m 644 config/grafana/* '$(ROOT)/share/buzon/config/grafana'
	@# The printed pages as they are built in: to copy into the folder `templates`.
	install -m 644 Sources/Records/Resources/* '$(ROOT)/share/buzon/templates'
	install -m 644 config/buzon.yaml '$(ROOT)/share/buzon/config'
	install -m 644 README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE '$(ROOT)/share/doc/buzon'
	install -D -m 644 -t '$(ROOT)/share/doc/buzon/docs' docs/*.md
	install -m 644 config/forms/* '$(ROOT)/share/doc/buzon/forms'
	set -e; pages=$$(mktemp -d); trap 'rm -rf "$$pages"' EXIT; scripts/man.sh '$(BIN)' "$$pages/man"; \
	  cd "$$pages/man" && find . -type f -exec install -D -m 644 '{}' '$(abspath $(ROOT))/share/man/{}' \;
	@# A configuration that is there is somebody's work: it stays.
	[ -e '$(DESTDIR)/etc/buzon/buzon.yaml' ] || install -D -m 644 config/buzon.yaml '$(DESTDIR)/etc/buzon/buzon.yaml'
	set -e; for shell in bash zsh fish; do \
	  case $$shell in bash) to='$(word 1,$(COMPLETIONS))';; zsh) to='$(word 2,$(COMPLETIONS))';; *) to='$(word 3,$(COMPLETIONS))';; esac; \
	  '$(ROOT)/bin/buzon' --generate-completion-script $$shell > "$$to"; sed -i '1{/^#!/d}' "$$to"; chmod 644 "$$to"; done
	@echo "Installed. Next: systemd-sysusers && systemd-tmpfiles --create buzon.conf && journalctl --update-catalog; buzon init; edit /etc/buzon/buzon.yaml;"
	@echo "buzon doctor; systemctl daemon-reload && systemctl enable --now buzon"

# What people and the agent made stays: configuration, spool, state, records, users.
uninstall:
	rm -f '$(ROOT)/bin/buzon' $(UNITS) $(COMPLETIONS)
	rm -f '$(ROOT)'/share/man/man1/buzon.1 '$(ROOT)'/share/man/man1/buzon-*.1 '$(ROOT)'/share/man/man5/buzon.yaml.5 \
	  '$(ROOT)'/share/man/man5/buzon-form.5 '$(ROOT)'/share/man/man7/buzon.7 '$(ROOT)'/share/man/es/man?/buzon*
	rm -rf '$(ROOT)/share/buzon' '$(ROOT)/share/doc/buzon'
	@echo "Uninstalled; $(DESTDIR)/etc/buzon and what lies in spool, state and records stay."

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(SWIFT_CODE)

clean:
	rm -rf .build
