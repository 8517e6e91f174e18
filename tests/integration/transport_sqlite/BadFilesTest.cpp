#include "ChildProcess.h"
#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"
#include "transports/sqlite/SqliteTransport.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using carillon::sqlite::Database;
using carillon::sqlite::Session;
using carillon::transports::sqlite::SqliteTransport;

namespace carillon::tests
{

/// Disks and files that are not as they should be: an error with a name and a remedy, and never a loss.
class BadFilesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BadFilesTest);
    CPPUNIT_TEST(aFullDiskRefusesPublishesPausesConsumersAndLosesNothing);
    CPPUNIT_TEST(aFolderThatCannotBeWrittenIsNamed);
    CPPUNIT_TEST(aDamagedFileIsNamed);
    CPPUNIT_TEST(aDatabaseOfANewerVersionIsNamed);
    CPPUNIT_TEST_SUITE_END();

public:
    void aFullDiskRefusesPublishesPausesConsumersAndLosesNothing()
    {
        ChildProcess child({"full-disk", _folder.path()});
        const auto said = child.rest();
        const int status = child.wait();
        if (status == 77) return skip("a file system of its own cannot be mounted; run as root");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(said.empty() ? "" : said.back(), 0, status);
    }

    void aFolderThatCannotBeWrittenIsNamed()
    {
        CPPUNIT_ASSERT_EQUAL(0, chmod(_folder.path().c_str(), 0555));
        ChildProcess child({"as-nobody", _folder / "test.db"});
        const auto said = child.line().value_or("");
        if (child.wait() == 77) return skip("it cannot become another user; run as root");
        CPPUNIT_ASSERT_MESSAGE(said, said.find("error: folder " + _folder.path().string()) == 0);
        CPPUNIT_ASSERT_MESSAGE(said, said.find("cannot be written") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(said, said.find("give it to the user that runs this program") != std::string::npos);
    }

    void aDamagedFileIsNamed()
    {
        const auto file = _folder / "test.db";
        {
            const auto transport = make(file);
            std::vector<Envelope> envelopes(200);
            for (std::size_t i = 0; i < envelopes.size(); ++i)
            {
                envelopes[i].id = std::to_string(i);
                envelopes[i].type = "notification.send";
                envelopes[i].body = std::string(500, 'x');
            }
            transport->publish(envelopes);
        }
        {
            // The first page, with the schema, stays whole: the damage is found while working.
            std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
            const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
            bytes.seekp(4096);
            for (std::streamoff at = 4096; at < size; at += 8) bytes.write("\x7f\x01\x80\xff\x33\x10\x99\xaa", 8);
        }
        const std::string text = messageOf(
            [&]
            {
                const auto transport = make(file);
                transport->consume({})->take(10, 0ms);
            });
        CPPUNIT_ASSERT_MESSAGE(text, text.find(file.string() + " is damaged") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("restore a backup") != std::string::npos);
    }

    void aDatabaseOfANewerVersionIsNamed()
    {
        const auto file = _folder / "test.db";
        make(file);
        Database::open(file)->write([](Session& session)
                                    { session.execute("UPDATE carillon_schema SET version = 9, min_reader_version = 8"); });

        const std::string text = messageOf([&] { make(file); });

        CPPUNIT_ASSERT_MESSAGE(text, text.find("is of a newer version") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("transport schema is 9 and needs a program that knows 8 at least, this one knows 1") !=
                                         std::string::npos);
    }

private:
    /// Never silently: what CI does not run, nobody runs.
    static void skip(const std::string& reason)
    {
        const char* ci = std::getenv("CI");
        if (ci && std::string(ci) == "true") CPPUNIT_FAIL("must not be skipped in CI: " + reason);
        std::cerr << "\nSKIPPED: " << reason << "\n";
    }

    static std::unique_ptr<SqliteTransport> make(const std::filesystem::path& file)
    {
        auto transport = std::make_unique<SqliteTransport>(Database::open(file),
                                                           transports::sqlite::SqliteTransportOptions{.name = "tested", .queues = {"q"}});
        transport->setUp();
        return transport;
    }

    template <typename Act>
    static std::string messageOf(Act&& act)
    {
        try
        {
            act();
        }
        catch (const Error& error)
        {
            return error.what();
        }
        return "(nothing was thrown)";
    }

    TemporaryDirectory _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(BadFilesTest);

} // namespace carillon::tests
