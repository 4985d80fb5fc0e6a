# cmake -DBUILD=dir -DSTAGE=dir "-DCOMPONENTS=a;b" -P stage.cmake: installs the components into an empty prefix.
file(REMOVE_RECURSE ${STAGE})
foreach(component IN LISTS COMPONENTS)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${STAGE} --component ${component}
                  COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endforeach()
