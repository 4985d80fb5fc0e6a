# wse_add_module_test(MODULE SOURCES file... [LIBRARIES target...]): a CMocka test, MODULE_test, run by CTest as MODULE.
# Its sources find the module that was built in MODULE_FILE.
pkg_check_modules(wse_cmocka REQUIRED IMPORTED_TARGET cmocka)
function(wse_add_module_test module)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${module}_test ${arg_SOURCES})
  target_link_libraries(${module}_test PRIVATE wse::test_host PkgConfig::wse_cmocka ${arg_LIBRARIES})
  target_compile_definitions(${module}_test PRIVATE MODULE_FILE="$<TARGET_FILE:${module}>")
  add_dependencies(${module}_test ${module})
  add_test(NAME ${module} COMMAND ${module}_test)
endfunction()
