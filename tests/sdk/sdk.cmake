# Modules as other people write them: against an installed wse-dev, with nothing of this tree in sight. Each step is a
# test, and needs the one before it.
set(stage ${CMAKE_BINARY_DIR}/stage)
set(plugins ${CMAKE_BINARY_DIR}/stage-plugins)
set(flags "")
if(WSE_SANITIZE)
  set(flags "-fsanitize=${WSE_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr -fno-omit-frame-pointer")
endif()
if(WSE_COVERAGE)
  set(flags "--coverage")
endif()

add_test(NAME plugins.install
         COMMAND ${CMAKE_COMMAND} -DBUILD=${CMAKE_BINARY_DIR} -DSTAGE=${stage}
                 "-DCOMPONENTS=server;cli;dev;embed;auth_jwt;auth_token_file" -P ${CMAKE_CURRENT_LIST_DIR}/stage.cmake)
set_tests_properties(plugins.install PROPERTIES LABELS plugins TIMEOUT 120 FIXTURES_SETUP wse_stage)

# Configured anew each time: what is in the prefix has changed.
add_test(NAME plugins.forget COMMAND ${CMAKE_COMMAND} -E rm -rf ${plugins})
set_tests_properties(plugins.forget PROPERTIES LABELS plugins FIXTURES_SETUP wse_plugins_forgotten)
add_test(
  NAME plugins.build
  COMMAND
    ${CMAKE_CTEST_COMMAND} --build-and-test ${PROJECT_SOURCE_DIR}/plugins ${plugins} --build-generator
    ${CMAKE_GENERATOR} --build-options -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH=${stage}
    "-DCMAKE_C_FLAGS=-Werror ${flags}" --test-command ${CMAKE_CTEST_COMMAND} --output-on-failure --no-tests=error)
set_tests_properties(
  plugins.build PROPERTIES LABELS plugins TIMEOUT 600 FIXTURES_REQUIRED "wse_stage;wse_plugins_forgotten"
                           FIXTURES_SETUP wse_plugins)

# A missing symbol is found when a module is linked, unless a sanitizer forbids to look.
function(wse_sdk_flags_test name defs)
  add_test(NAME plugins.flags_${name} COMMAND ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR}/tests/sdk/flags -B
                                              ${CMAKE_BINARY_DIR}/flags-${name} -G ${CMAKE_GENERATOR}
                                              -DSDK=${PROJECT_SOURCE_DIR}/sdk -DDEFS=${defs} ${ARGN})
  set_tests_properties(plugins.flags_${name} PROPERTIES LABELS plugins TIMEOUT 60)
endfunction()
wse_sdk_flags_test(threads ON -DCMAKE_C_FLAGS=-pthread)
wse_sdk_flags_test(sanitizer OFF -DCMAKE_C_FLAGS=-fsanitize=undefined)
wse_sdk_flags_test(own_sanitizer OFF -DWSE_SANITIZE=thread)

# The rest starts servers, and is in tests/integration. Modules that are built there take the sanitizers from CFLAGS.
set(WSE_SDK_ENVIRONMENT "WSE_STAGE=${stage}" "WSE_PLUGIN_DIR=${plugins}" "CFLAGS=${flags}" "CXXFLAGS=${flags}"
                        "LDFLAGS=${flags}")
function(wse_sdk_test file)
  wse_integration_test(test_${file} LABELS plugins ${ARGN})
  set_tests_properties(integration.${file} PROPERTIES FIXTURES_REQUIRED "wse_stage;wse_plugins")
  set_property(
    TEST integration.${file}
    APPEND
    PROPERTY ENVIRONMENT "${WSE_SDK_ENVIRONMENT}")
endfunction()
