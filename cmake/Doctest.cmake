# plimsoll_test(NAME SOURCES... LINK... LABELS...): one doctest program, one ctest entry.
# doctest's main costs five seconds to compile, so it is compiled once.
find_package(doctest REQUIRED)
find_package(Threads REQUIRED)

function(plimsoll_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE plimsoll_options plimsoll_test_main ${arg_LINK})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT "$<IF:$<BOOL:${arg_TIMEOUT}>,${arg_TIMEOUT},300>")
endfunction()
