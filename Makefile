# Skylab's targets; `make help` lists them.

# How hard the site is compressed: 11 is smallest, for what is shipped.
LEVEL ?= 11

.PHONY: help run test check bench build clean site browser libraries

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: build ## serve the site at http://127.0.0.1:8080
	bin/skylab serve

site:
	go run ./web/build -level $(LEVEL)

browser:
	@command -v chromium >/dev/null || { \
	  SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$SUDO apt-get update && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; }

libraries:
	@[ -d assets/node_modules/axe-core ] || npm ci --prefix assets --no-audit --no-fund --loglevel=error

test: browser libraries ## run everything that continuous integration runs
	go vet ./...
	$(MAKE) site LEVEL=4
	go test -race ./...
	PATH="$$(go env GOROOT)/lib/wasm:$$PATH" GOOS=js GOARCH=wasm go test -timeout 120s ./sim

check: ## formatting, vet and static analysis
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./app/... ./sim/... ./cmd/ui ./cmd/lab
	go tool staticcheck ./...

bench: ## print the benchmarks
	go test -run '^$$' -bench . $$(go list ./... | grep -v /web)
	go run ./web/build -level 11 -sizes

build: site ## make bin/skylab, the site inside
	go build -trimpath -o bin/skylab ./cmd/skylab

clean: ## remove what was built
	git clean -fdxq web/site
	rm -rf bin .cache
