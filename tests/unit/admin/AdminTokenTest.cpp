#include "admin/AdminToken.h"
#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace carillon::tests::admin
{

using carillon::admin::tokenFrom;
using carillon::admin::writeLine;
namespace fs = std::filesystem;

class AdminTokenTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AdminTokenTest);
    CPPUNIT_TEST(aNewTokenIsLongSecretAndKept);
    CPPUNIT_TEST(thoseWhoComeAtOnceGetTheSame);
    CPPUNIT_TEST(aFileThatOthersCanReadIsRefused);
    CPPUNIT_TEST(whatIsNoTokenIsRefused);
    CPPUNIT_TEST(aFolderThatIsNotThereIsNamed);
    CPPUNIT_TEST(aLineReplacesTheOneBefore);
    CPPUNIT_TEST_SUITE_END();

public:
    void aNewTokenIsLongSecretAndKept()
    {
        const std::string token = tokenFrom(_file);

        CPPUNIT_ASSERT_EQUAL(std::size_t{64}, token.size());
        CPPUNIT_ASSERT(fs::status(_file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
        CPPUNIT_ASSERT_EQUAL(token, tokenFrom(_file));
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, std::distance(fs::directory_iterator(_directory.path()), fs::directory_iterator()));
        CPPUNIT_ASSERT(token != tokenFrom(_directory / "another"));
    }

    void thoseWhoComeAtOnceGetTheSame()
    {
        std::vector<std::string> tokens(8);
        std::vector<std::thread> threads;
        for (std::string& token : tokens) threads.emplace_back([&] { token = tokenFrom(_file); });
        for (std::thread& thread : threads) thread.join();

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, std::set<std::string>(tokens.begin(), tokens.end()).size());
    }

    void aFileThatOthersCanReadIsRefused()
    {
        tokenFrom(_file);
        fs::permissions(_file, fs::perms::group_read, fs::perm_options::add);

        CPPUNIT_ASSERT_THROW(tokenFrom(_file), ConfigurationError);
    }

    void whatIsNoTokenIsRefused()
    {
        writeLine(_file, "short", 0600);
        CPPUNIT_ASSERT_THROW(tokenFrom(_file), ConfigurationError);

        fs::remove(_file);
        fs::create_symlink(_directory / "elsewhere", _file);
        CPPUNIT_ASSERT_THROW(tokenFrom(_file), ConfigurationError);

        fs::remove(_file);
        fs::create_directory(_file);
        CPPUNIT_ASSERT_THROW(tokenFrom(_file), ConfigurationError);
    }

    void aFolderThatIsNotThereIsNamed()
    {
        try
        {
            tokenFrom(_directory / "none/admin.token");
            CPPUNIT_FAIL("a token was written nowhere");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("none/admin.token") != std::string::npos);
        }
    }

    void aLineReplacesTheOneBefore()
    {
        writeLine(_file, "a line that is longer", 0644);
        writeLine(_file, "127.0.0.1:8009", 0644);

        std::ifstream file(_file);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:8009\n"), text);
    }

private:
    TemporaryDirectory _directory;
    const fs::path _file = _directory / "admin.token";
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdminTokenTest);

} // namespace carillon::tests::admin
