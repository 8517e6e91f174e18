#include "Rules.h"
#include "SourceTree.h"

#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <fstream>

namespace carillon::architecture
{

namespace fs = std::filesystem;

/// Design 11, on our own tree.
class ArchitectureTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ArchitectureTest);
    CPPUNIT_TEST(treeIsRead);
    CPPUNIT_TEST(includesFollowTheArrows);
    CPPUNIT_TEST(linksFollowTheArrows);
    CPPUNIT_TEST(vendorHeadersStayInTheirFolder);
    CPPUNIT_TEST(publicHeadersShowNoVendor);
    CPPUNIT_TEST(filesHaveOneReasonToExist);
    CPPUNIT_TEST_SUITE_END();

public:
    void treeIsRead()
    {
        // Rules that see nothing would all be kept.
        CPPUNIT_ASSERT(tree().includes().size() > 500);
        CPPUNIT_ASSERT(tree().links().size() > 20);
        CPPUNIT_ASSERT_EQUAL(std::string("core/src/plugin"), tree().folderOfTarget("carillon_plugin"));
        CPPUNIT_ASSERT_EQUAL(std::string("core/transports/sqlite"), tree().folderOfTarget("carillon_transport_sqlite"));
    }

    void includesFollowTheArrows() { assertNone(includesAgainstTheArrows(tree())); }
    void linksFollowTheArrows() { assertNone(linksAgainstTheArrows(tree())); }
    void vendorHeadersStayInTheirFolder() { assertNone(vendorHeadersOutsideTheirFolder(tree())); }
    void publicHeadersShowNoVendor() { assertNone(vendorHeadersInPublicHeaders(tree())); }
    void filesHaveOneReasonToExist() { assertNone(filesThatAreTooLong(tree())); }

private:
    static const SourceTree& tree()
    {
        static const SourceTree ours(SOURCE_DIRECTORY);
        return ours;
    }

    static void assertNone(const Violations& violations)
    {
        std::string text;
        for (const std::string& violation : violations) text += "\n  " + violation;
        CPPUNIT_ASSERT_MESSAGE(text, violations.empty());
    }
};

/// The rules themselves, each on a small tree that breaks it.
class RulesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RulesTest);
    CPPUNIT_TEST(engineThatIncludesAnAdapterIsFound);
    CPPUNIT_TEST(adapterThatIncludesAnotherIsFound);
    CPPUNIT_TEST(adaptersMayShareTheDatabaseFile);
    CPPUNIT_TEST(pluginThatIncludesTheEngineOrAnotherPluginIsFound);
    CPPUNIT_TEST(sdkThatIncludesTheEngineIsFound);
    CPPUNIT_TEST(programMayIncludeAllButPlugins);
    CPPUNIT_TEST(includeOfNothingIsFound);
    CPPUNIT_TEST(linkAgainstTheArrowIsFound);
    CPPUNIT_TEST(vendorHeaderElsewhereIsFound);
    CPPUNIT_TEST(networkInTheEngineIsFound);
    CPPUNIT_TEST(vendorHeaderInAPublicHeaderIsFound);
    CPPUNIT_TEST(longFileIsFound);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        put("core/include/carillon/Handler.h", "#include <string>\n");
        put("core/src/config/Values.h", "#include \"carillon/Handler.h\"\n");
        put("core/sqlite/Database.h", "#include <sqlite3.h>\n");
        put("core/transports/memory/Memory.h", "");
        put("core/transports/sqlite/Sqlite.h", "");
        put("plugins/send/Message.h", "");
    }

    void engineThatIncludesAnAdapterIsFound()
    {
        assertFound(includesAgainstTheArrows, "core/src/worker/Pump.cpp", "// first\n#include \"transports/memory/Memory.h\"\n",
                    ":2: core/src/worker may not know");
    }

    void adapterThatIncludesAnotherIsFound()
    {
        assertFound(includesAgainstTheArrows, "core/transports/memory/M.cpp", "#include \"transports/sqlite/Sqlite.h\"\n",
                    "may not know core/transports/sqlite");
        assertFound(includesAgainstTheArrows, "core/admin/A.cpp", "#include \"sqlite/Database.h\"\n",
                    "core/admin may not know core/sqlite");
    }

    void adaptersMayShareTheDatabaseFile()
    {
        put("core/transports/sqlite/S.cpp",
            "#include \"sqlite/Database.h\"\n#include \"transports/sqlite/Sqlite.h\"\n#include \"config/Values.h\"\n");

        CPPUNIT_ASSERT(includesAgainstTheArrows(SourceTree(_root.path())).empty());
    }

    void pluginThatIncludesTheEngineOrAnotherPluginIsFound()
    {
        assertFound(includesAgainstTheArrows, "plugins/bulk/B.cpp", "#include \"config/Values.h\"\n",
                    "plugins/bulk may not know core/src/config");
        assertFound(includesAgainstTheArrows, "plugins/bulk/C.cpp", "#include \"../send/Message.h\"\n",
                    "plugins/bulk may not know plugins/send");
    }

    void sdkThatIncludesTheEngineIsFound()
    {
        assertFound(includesAgainstTheArrows, "core/include/carillon/X.h", "#include \"config/Values.h\"\n",
                    "may not know core/src/config");
    }

    void programMayIncludeAllButPlugins()
    {
        put("bin/carillon/main.cpp", "#include \"sqlite/Database.h\"\n#include \"config/Values.h\"\n#include \"Version.h\"\n");
        CPPUNIT_ASSERT(includesAgainstTheArrows(SourceTree(_root.path())).empty());

        assertFound(includesAgainstTheArrows, "bin/carillon/send.cpp", "#include \"../../plugins/send/Message.h\"\n",
                    "may not know plugins/send");
    }

    void includeOfNothingIsFound()
    {
        assertFound(includesAgainstTheArrows, "core/src/config/V.cpp", "#include \"config/Gone.h\"\n", "nowhere in the tree");
    }

    void linkAgainstTheArrowIsFound()
    {
        put("core/sqlite/CMakeLists.txt", "carillon_adapter_library(sqlite SOURCES Database.cpp)\n");
        assertFound(linksAgainstTheArrows, "core/src/worker/CMakeLists.txt",
                    "carillon_engine_library(worker SOURCES W.cpp\n    PUBLIC carillon_sqlite)\n",
                    ":2: core/src/worker may not know core/sqlite");
    }

    void vendorHeaderElsewhereIsFound()
    {
        for (const std::string header :
             {"sqlite3.h", "amqp.h", "amqp_tcp_socket.h", "mongoc/mongoc.h", "bson.h", "curl/curl.h", "nghttp2/nghttp2.h"})
            assertFound(vendorHeadersOutsideTheirFolder, "core/admin/A.cpp", "#include <" + header + ">\n",
                        "<" + header + "> belongs into");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, vendorHeadersOutsideTheirFolder(SourceTree(_root.path())).size());
    }

    void networkInTheEngineIsFound()
    {
        assertFound(vendorHeadersOutsideTheirFolder, "core/src/worker/W.cpp", "#include <Poco/Net/HTTPServer.h>\n", "knows no network");
    }

    void vendorHeaderInAPublicHeaderIsFound()
    {
        assertFound(vendorHeadersInPublicHeaders, "core/include/carillon/J.h", "#include <nlohmann/json.hpp>\n",
                    "a public header includes");
        assertFound(vendorHeadersInPublicHeaders, "core/src/port/P.h", "#include <fmt/format.h>\n", "a public header includes");
        assertFound(vendorHeadersInPublicHeaders, "core/include/carillon/K.h", "#include \"Handler.h\"\n", "write it as");
    }

    void longFileIsFound()
    {
        std::string lines;
        for (int line = 0; line < 451; ++line) lines += "\n";

        assertFound(filesThatAreTooLong, "core/src/config/Long.cpp", lines, "core/src/config/Long.cpp: has 451 lines");
    }

private:
    void put(const std::string& file, const std::string& content) const
    {
        fs::create_directories((_root.path() / file).parent_path());
        std::ofstream(_root.path() / file) << content;
    }

    void assertFound(Violations (*rule)(const SourceTree&), const std::string& file, const std::string& content,
                     const std::string& part) const
    {
        put(file, content);

        const Violations violations = rule(SourceTree(_root.path()));

        const bool isFound = std::any_of(violations.begin(), violations.end(),
                                         [&](const std::string& violation)
                                         { return violation.starts_with(file) && violation.find(part) != std::string::npos; });
        CPPUNIT_ASSERT_MESSAGE("not found: " + file + ": " + part + (violations.empty() ? "" : ", but: " + violations.front()), isFound);
    }

    tests::TemporaryDirectory _root;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ArchitectureTest);
CPPUNIT_TEST_SUITE_REGISTRATION(RulesTest);

} // namespace carillon::architecture
