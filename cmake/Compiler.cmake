# One place for language level, warnings, sanitizers and the compiler cache.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(PLIMSOLL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them; empty for none")

option(PLIMSOLL_UNITY "Compile the operator's files several at a time: quicker from nothing, slower after a change" OFF)

find_program(PLIMSOLL_CCACHE ccache)
if(PLIMSOLL_CCACHE)
  # Paths relative to the checkout, so that another clone of the same commit finds the cache warm.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PLIMSOLL_CCACHE})
endif()

# Every target of ours links this; generated code does not.
add_library(plimsoll_options INTERFACE)
# g++ 12 is the compiler whose warnings must be silent; clang (fuzzing only) sees more in -Wconversion.
target_compile_options(plimsoll_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wall -Wextra -Wconversion -Wshadow -Werror>
  # When g++ 12 optimizes, it takes "a" + std::string for an overlapping copy (GCC bug 105651), and
  # the insides of nlohmann-json and of Boost's functions for reads of what was never written.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict;-Wno-maybe-uninitialized>)
target_include_directories(plimsoll_options INTERFACE ${PROJECT_SOURCE_DIR})

# What no program reaches is left out of it: a unit of several files brings in all that any of them needs.
add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
add_link_options($<$<CONFIG:Release>:LINKER:--gc-sections>)

if(PLIMSOLL_SANITIZE)
  add_compile_options(-fsanitize=${PLIMSOLL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PLIMSOLL_SANITIZE})
  # g++ 12 reports false positives of these from inside the sanitizers' own instrumentation.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-tsan)
endif()

# Fuzz targets are built by clang (preset fuzz) and by nothing else.
option(PLIMSOLL_FUZZ "Build only the libFuzzer targets of tests/fuzz" OFF)
if(PLIMSOLL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -g -O1)
  add_link_options(-fsanitize=address,undefined)
endif()
