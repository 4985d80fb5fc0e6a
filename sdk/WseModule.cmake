# How a module is built; the server's own modules and those of other trees go through here. Who includes it has set
# WSE_INCLUDEDIR (where wse/module.h is) and WSE_MODULEDIR (where modules are installed).

add_library(wse::module INTERFACE IMPORTED)
target_include_directories(wse::module INTERFACE ${WSE_INCLUDEDIR})
target_compile_features(wse::module INTERFACE c_std_99 cxx_std_17)
target_compile_options(wse::module INTERFACE -fvisibility=hidden
                                             $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
if(NOT WSE_SANITIZE AND NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
  # A sanitizer's runtime may live in the program that loads the module.
  target_link_options(wse::module INTERFACE -Wl,-z,defs)
endif()

# wse_add_module(NAME SOURCES file... [LIBRARIES target...]): a loadable module, NAME.so, that exports wse_module and
# nothing else, and a rule that installs it where the server looks.
function(wse_add_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/module.map)
  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES PREFIX "" LINK_DEPENDS ${map})
  target_link_libraries(${name} PRIVATE wse::module ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -Wl,--version-script=${map})
  install(TARGETS ${name} LIBRARY DESTINATION ${WSE_MODULEDIR} COMPONENT ${name})
endfunction()
