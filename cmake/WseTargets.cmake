# The kinds of target this project has. Flags live on targets; nothing is directory-wide.

add_library(wse_options INTERFACE)
target_compile_features(wse_options INTERFACE cxx_std_20 c_std_99)
target_compile_options(
  wse_options
  INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror -fvisibility=hidden -fno-omit-frame-pointer -fPIC
            -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
            $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast -Wnon-virtual-dtor -fvisibility-inlines-hidden>
            $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
target_link_options(wse_options INTERFACE -Wl,-z,relro,-z,now)
if(WSE_SANITIZE)
  target_compile_options(wse_options INTERFACE -fsanitize=${WSE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(wse_options INTERFACE -fsanitize=${WSE_SANITIZE})
  if(WSE_SANITIZE MATCHES undefined)
    # This check opens a pipe to see whether memory can be read, and reports an error when it gets no
    # descriptor; running out of descriptors is what some tests are about.
    target_compile_options(wse_options INTERFACE -fno-sanitize=vptr)
  endif()
endif()
if(WSE_BUILD_FUZZ)
  # Faster than without optimization, and still with whole stacks. -Wconversion of clang has -Wsign-conversion in it,
  # which that of GCC leaves out in C++.
  target_compile_options(wse_options INTERFACE -O1 -Wno-sign-conversion)
endif()
if(WSE_COVERAGE)
  target_compile_options(wse_options INTERFACE --coverage)
  target_link_options(wse_options INTERFACE --coverage)
endif()

# The ABI header alone: all that a module may include of ours.
add_library(wse_abi INTERFACE)
target_include_directories(wse_abi INTERFACE ${CMAKE_SOURCE_DIR}/core/include)

# wse_core_library(NAME SOURCES file... [DEPENDS target...]): one folder of core, as library wse_<NAME>.
function(wse_core_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(wse_${name} STATIC ${arg_SOURCES})
  target_include_directories(wse_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  target_link_libraries(wse_${name} PUBLIC wse_options wse_abi ${arg_DEPENDS})
  if(NOT name STREQUAL "base")
    target_precompile_headers(wse_${name} REUSE_FROM wse_base)
  endif()
endfunction()

# wse_module(NAME SOURCES file... [LIBRARIES target...]): a module of the server's own, <build>/modules/<NAME>.so.
set(WSE_INCLUDEDIR ${CMAKE_SOURCE_DIR}/core/include)
set(WSE_MODULEDIR ${CMAKE_INSTALL_LIBDIR}/wse/modules)
include(${CMAKE_CURRENT_LIST_DIR}/../sdk/WseModule.cmake)
function(wse_module name)
  wse_add_module(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/modules)
  target_link_libraries(${name} PRIVATE wse_options)
  # For what is to be done with every module.
  set_property(GLOBAL APPEND PROPERTY WSE_MODULES ${name})
  set_target_properties(${name} PROPERTIES WSE_MODULE_SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

# wse_tool(NAME SOURCES file... [LIBRARIES target...] [COMPONENT name]): a program in <build>/bin.
function(wse_tool name)
  cmake_parse_arguments(arg "" "COMPONENT;DESTINATION" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_options(${name} PRIVATE -pie)
  target_link_libraries(${name} PRIVATE wse_options ${arg_LIBRARIES})
  if(NOT arg_DESTINATION)
    set(arg_DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${arg_DESTINATION} COMPONENT ${arg_COMPONENT})
endfunction()
