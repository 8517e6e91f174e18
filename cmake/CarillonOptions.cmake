# Language, warnings, sanitizers, coverage, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Not "bin": there are the build files of bin/.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/out")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CARILLON_SANITIZE "" CACHE STRING "Sanitizers for our targets: address;undefined, or thread")
option(CARILLON_COVERAGE "Instrument for gcovr" OFF)
option(CARILLON_WERROR "Warnings are errors" ON)

find_program(CARILLON_CCACHE ccache)
if(CARILLON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The checkout's own path must not make a cached object useless for the next clone.
    set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "CCACHE_NOHASHDIR=1" "${CARILLON_CCACHE}")
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(carillon_flags INTERFACE)
target_compile_options(carillon_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
                       $<$<BOOL:${CARILLON_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # Wrong in g++ 12 for std::string's operator+ (https://gcc.gnu.org/PR105651).
    target_compile_options(carillon_flags INTERFACE -Wno-restrict)
endif()
if(CARILLON_SANITIZE)
    string(REPLACE ";" "," sanitizers "${CARILLON_SANITIZE}")
    target_compile_options(carillon_flags INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
    target_link_options(carillon_flags INTERFACE -fsanitize=${sanitizers})
    if(sanitizers MATCHES "undefined")
        # Third-party class hierarchies are not all compiled with visible typeinfo.
        target_compile_options(carillon_flags INTERFACE -fno-sanitize=vptr)
    endif()
endif()
if(CARILLON_COVERAGE)
    target_compile_options(carillon_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(carillon_flags INTERFACE --coverage)
endif()
