# What a person types. Each target is a script in bin/ or a line of cmake; `make help` lists them.
PRESET ?= release
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that building and testing need
	@bin/setup test

build: ## build PRESET (release, dev, asan, tsan, coverage)
	@bin/setup build && bin/build $(PRESET)

demo: ## the main job on the embedded default, with a fake FCM
	@bin/demo

test: ## everything in release, unit and contract suites under sanitizers
	@bin/test

install: build ## install into PREFIX (default /usr/local)
	@cmake --install build/$(PRESET) $(if $(PREFIX),--prefix $(PREFIX))

tsan: ## unit and contract suites under ThreadSanitizer
	@bin/setup test && bin/build tsan tests_unit tests_contract && ctest --test-dir build/tsan --output-on-failure -L '^(unit|contract)$$'

coverage: ## line coverage of the tests, by folder
	@bin/setup check && bin/coverage

format: ## lay out the sources
	@git ls-files '*.cpp' '*.h' | xargs clang-format-16 -i

format-check: ## fail when a source is laid out otherwise
	@git ls-files '*.cpp' '*.h' | xargs clang-format-16 --dry-run --Werror

tidy: ## clang-tidy over our sources
	@bin/setup check && bin/build release && run-clang-tidy-16 -j2 -quiet -p build/release '/(core|plugins|bin)/.*\.cpp$$'

cppcheck: ## cppcheck over our sources
	@bin/setup check && cppcheck --quiet --std=c++20 --enable=warning,performance,portability --inline-suppr --suppressions-list=.cppcheck-suppressions --error-exitcode=1 -I core/include -I core/src -I core core plugins bin

docs: ## Doxygen of the public headers, without warnings
	@bin/setup check && cd docs && doxygen Doxyfile

check-all: test tsan coverage format-check tidy cppcheck docs ## everything that can be checked

clean: ## remove the build trees
	@rm -rf build

.PHONY: help setup build demo test install tsan coverage format format-check tidy cppcheck docs check-all clean
