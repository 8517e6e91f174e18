# carillon_library(NAME [SHARED] SOURCES … [INCLUDE dirs…] [PUBLIC libs…] [PRIVATE libs…])
#   One folder, one target, the name of the folder's namespace. Warnings are errors.
function(carillon_library name)
    cmake_parse_arguments(arg "SHARED" "" "SOURCES;INCLUDE;PUBLIC;PRIVATE" ${ARGN})
    if(arg_SHARED)
        add_library(${name} SHARED ${arg_SOURCES})
    else()
        add_library(${name} STATIC ${arg_SOURCES})
    endif()
    target_include_directories(${name} PUBLIC ${arg_INCLUDE})
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:carillon_flags>)
endfunction()

# carillon_engine_library(FOLDER SOURCES … [PUBLIC libs…] [PRIVATE libs…])
#   A part of the engine: target carillon_<folder>, includes relative to core/src, knows the SDK and other engine parts only.
function(carillon_engine_library folder)
    cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    carillon_library(carillon_${folder} SOURCES ${arg_SOURCES} INCLUDE "${CMAKE_SOURCE_DIR}/core/src"
                     PUBLIC carillon_sdk ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# carillon_adapter_library(NAME SOURCES … [PUBLIC libs…] [PRIVATE libs…])
#   An adapter: target carillon_<name>, includes relative to core/ besides the engine's.
function(carillon_adapter_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    carillon_library(carillon_${name} SOURCES ${arg_SOURCES} INCLUDE "${CMAKE_SOURCE_DIR}/core"
                     PUBLIC carillon_sdk ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# carillon_test(NAME SOURCES … [LIBS …] [LABELS unit|contract|integration] [TIMEOUT s] [ENVIRONMENT K=V…])
#   A CppUnit program that ctest runs; main() comes from tests/support.
function(carillon_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT" ${ARGN})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    add_executable(test_${name} ${arg_SOURCES})
    target_link_libraries(test_${name} PRIVATE ${arg_LIBS} carillon_test_support carillon_flags)
    set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
                         ENVIRONMENT "CARILLON_SOURCE_DIR=${CMAKE_SOURCE_DIR};CARILLON_BINARY_DIR=${CMAKE_BINARY_DIR};${arg_ENVIRONMENT}")
    foreach(label IN LISTS arg_LABELS)
        if(NOT TARGET tests_${label})
            add_custom_target(tests_${label})
        endif()
        add_dependencies(tests_${label} test_${name})
    endforeach()
endfunction()

# carillon_add_plugin(NAME SOURCE …): one .so in <build>/plugins that exports carillon_plugin and nothing else.
#   -z now: a missing symbol must fail at load, not in the middle of a message. -z defs: it must fail at link even before.
function(carillon_add_plugin name)
    add_library(plugin_${name} MODULE ${ARGN})
    if(NOT TARGET carillon_plugins)
        add_custom_target(carillon_plugins)
    endif()
    # The tree's own; tests make some to be refused.
    if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/plugins/")
        add_dependencies(carillon_plugins plugin_${name})
    endif()
    target_link_libraries(plugin_${name} PRIVATE carillon_sdk $<BUILD_INTERFACE:carillon_flags>)
    target_include_directories(plugin_${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_options(plugin_${name} PRIVATE -Wl,-z,now "-Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
    set_property(TARGET plugin_${name} APPEND PROPERTY LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
    if(NOT CARILLON_SANITIZE)
        # The sanitizers' runtime symbols are resolved by the executable.
        target_link_options(plugin_${name} PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(plugin_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
                          CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                          LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins")
endfunction()
