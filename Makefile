# Skylab's targets; `make help` lists them.

# How hard the site is compressed: 11 is smallest, for what is shipped.
LEVEL ?= 11

# The race detector needs a C compiler; go turns cgo off where there is none.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

# $(call need,COMMAND) installs the Debian package of a command that is missing.
define need
@command -v $(1) >/dev/null || { \
  command -v apt-get >/dev/null || { echo "make: $(1) is missing; install it and try again" >&2; exit 1; }; \
  SUDO=; [ "$$(id -u)" = 0 ] || { SUDO=sudo; command -v sudo >/dev/null || { echo "make: $(1) is missing; as root: apt-get install $(1)" >&2; exit 1; }; }; \
  $$SUDO apt-get update && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(1); }
endef

.PHONY: help run test pages check bench snippets build clean site browser libraries

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# Who only wants to look does not wait for the last bytes of compression.
run: LEVEL = 5
run: build ## serve the site at http://127.0.0.1:8080
	bin/skylab serve

site:
	go run ./web/build -level $(LEVEL)

browser:
	$(call need,chromium)
	$(call need,firefox-esr)

libraries:
	$(if $(wildcard assets/node_modules/pyodide),,$(call need,npm))
	@[ -d assets/node_modules/axe-core -a -d assets/node_modules/pyodide ] || npm ci --prefix assets --no-audit --no-fund --loglevel=error

test: browser libraries ## run everything that continuous integration runs
	go vet ./...
	$(MAKE) site LEVEL=4
	go test $(RACE) $$(go list ./... | grep -v /web/e2e)
	$(MAKE) pages
	PATH="$$(go env GOROOT)/lib/wasm:$$PATH" GOOS=js GOARCH=wasm go test -timeout 600s ./sim

pages: ## use the built site in Chromium and Firefox; screenshots go to .cache/screens
	@rm -rf .cache/screens
	@bash -o pipefail -c "go test -v -count=1 -timeout 20m ./web/e2e 2>&1 | grep --line-buffered -v '^=== '"

check: ## formatting, vet and static analysis
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./app/... ./sim/... ./cmd/ui ./cmd/lab
	go tool staticcheck ./...

bench: browser libraries ## print the benchmarks, the page beside one with Pyodide
	go test -run '^$$' -bench . $$(go list ./... | grep -v /web)
	PATH="$$(go env GOROOT)/lib/wasm:$$PATH" GOOS=js GOARCH=wasm go test -run '^$$' -bench Az ./sim
	go run ./web/build -level 11 -sizes
	go test -run '^$$' -bench Page -benchtime 1x -timeout 20m ./web/e2e

snippets: ## run the snippets of the articles and print what becomes of each
	go run ./tutorials/snippets

build: site ## make bin/skylab, the site inside
	go build -trimpath -o bin/skylab ./cmd/skylab

clean: ## remove what was built
	git clean -fdxq web/site
	rm -rf bin .cache
