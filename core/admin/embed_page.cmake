# cmake -DPAGE=demo.html -DOUTPUT=demo_page.cc -P embed_page.cmake
# Writes the page as a C++ string, with a policy that admits the one <script> and the one <style> it has, by hash.

# The base64 form of a text of hexadecimal digits.
function(hex_to_base64 hex out)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  string(LENGTH "${hex}" digits)
  set(at 0)
  while(at LESS digits)
    math(EXPR here "${digits} - ${at}")
    if(here GREATER 6)
      set(here 6)
    endif()
    string(SUBSTRING "${hex}" ${at} ${here} group)
    string(SUBSTRING "${group}00000" 0 6 padded)
    math(EXPR characters "${here} / 2 + 1")
    foreach(place RANGE 3)
      if(place LESS characters)
        math(EXPR index "(0x${padded} >> (18 - 6 * ${place})) & 63")
        string(SUBSTRING "${alphabet}" ${index} 1 character)
      else()
        set(character "=")
      endif()
      string(APPEND text "${character}")
    endforeach()
    math(EXPR at "${at} + 6")
  endwhile()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# The 'sha256-…' source of what stands between <tag> and </tag>.
function(hash_source tag page out)
  string(FIND "${page}" "<${tag}>" start)
  string(FIND "${page}" "</${tag}>" end)
  if(start LESS 0 OR end LESS 0)
    message(FATAL_ERROR "${PAGE}: no <${tag}> without attributes")
  endif()
  string(LENGTH "<${tag}>" opening)
  math(EXPR start "${start} + ${opening}")
  math(EXPR length "${end} - ${start}")
  string(SUBSTRING "${page}" ${start} ${length} content)
  string(SHA256 hex "${content}")
  hex_to_base64("${hex}" base64)
  set(${out} "'sha256-${base64}'" PARENT_SCOPE)
endfunction()

file(READ "${PAGE}" page)
hash_source(script "${page}" script)
hash_source(style "${page}" style)
string(CONCAT policy "default-src 'none'; script-src ${script}; style-src ${style}; connect-src 'self'; img-src data:; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")

file(WRITE "${OUTPUT}.new"
  "// Written by embed_page.cmake.\n#include \"admin/demo_page.h\"\n\nnamespace wse::admin {\n\n"
  "const std::string_view kDemoPage = R\"wse-page(${page})wse-page\";\n"
  "const std::string_view kDemoPolicy = R\"wse-page(${policy})wse-page\";\n\n}  // namespace wse::admin\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
