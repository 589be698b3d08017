# Skylab's targets; `make help` lists them.

.PHONY: help test check bench build clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

test: ## run everything that continuous integration runs
	go vet ./...
	go test -race ./...
	PATH="$$(go env GOROOT)/lib/wasm:$$PATH" GOOS=js GOARCH=wasm go test -timeout 120s ./sim

check: ## formatting, vet and static analysis
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./...
	go tool staticcheck ./...

bench: ## print the benchmarks
	go test -run '^$$' -bench . ./...

build: ## compile bin/skylab, and all of it for the browser
	go build -trimpath -o bin/skylab ./cmd/skylab
	GOOS=js GOARCH=wasm go build ./sim/...

clean: ## remove what was built
	rm -rf bin .cache assets/node_modules
