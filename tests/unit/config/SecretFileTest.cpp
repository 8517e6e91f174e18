#include "config/SecretFile.h"
#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class SecretFileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SecretFileTest);
    CPPUNIT_TEST(aSecretIsReadWithoutItsLineEnd);
    CPPUNIT_TEST(aMissingFileIsNamedWithItsRemedy);
    CPPUNIT_TEST(aFileOpenToOthersIsRefusedWithItsRemedy);
    CPPUNIT_TEST(aGroupMayReadButNotWrite);
    CPPUNIT_TEST(foldersAndPipesAreNoSecretFiles);
    CPPUNIT_TEST(emptyLongAndMultiLineSecretsAreRefusedWithoutQuotingThem);
    CPPUNIT_TEST_SUITE_END();

public:
    void aSecretIsReadWithoutItsLineEnd()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("s3cret"), readSecretFile(_workspace.write("a", "s3cret\n")).text.value());
        CPPUNIT_ASSERT_EQUAL(std::string("s3cret"), readSecretFile(_workspace.write("b", "s3cret\r\n")).text.value());
        CPPUNIT_ASSERT_EQUAL(std::string(" s3 cret "), readSecretFile(_workspace.write("c", " s3 cret ")).text.value());
    }

    void aMissingFileIsNamedWithItsRemedy()
    {
        const auto file = _workspace.path() / "missing";

        CPPUNIT_ASSERT_EQUAL("secret file '" + file.string() + "' cannot be read: No such file or directory; create it or name another",
                             readSecretFile(file).error);
    }

    void aFileOpenToOthersIsRefusedWithItsRemedy()
    {
        for (const mode_t mode : {0644, 0604, 0602, 0601, 0620, 0660, 0666})
        {
            const auto file = _workspace.write("open", "s3cret", mode);
            const auto secret = readSecretFile(file);
            CPPUNIT_ASSERT(!secret.text);
            CPPUNIT_ASSERT_MESSAGE(secret.error, secret.error.find("run: chmod 600 '" + file.string() + "'") != std::string::npos);
        }
    }

    void aGroupMayReadButNotWrite()
    {
        for (const mode_t mode : {0400, 0440, 0600, 0640})
        {
            const auto file = _workspace.write("closed", "s3cret", 0600);
            ::chmod(file.c_str(), mode);
            CPPUNIT_ASSERT_EQUAL(std::string(), checkSecretFile(file));
            ::chmod(file.c_str(), 0600);
        }
    }

    void foldersAndPipesAreNoSecretFiles()
    {
        CPPUNIT_ASSERT(checkSecretFile(_workspace.path()).find("is not a file") != std::string::npos);
        const auto pipe = _workspace.path() / "pipe";
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(pipe.c_str(), 0600));
        CPPUNIT_ASSERT(checkSecretFile(pipe).find("is not a file") != std::string::npos);
    }

    void emptyLongAndMultiLineSecretsAreRefusedWithoutQuotingThem()
    {
        CPPUNIT_ASSERT(readSecretFile(_workspace.write("a", "\n")).error.find("is empty") != std::string::npos);
        CPPUNIT_ASSERT(readSecretFile(_workspace.write("b", std::string(70'000, 'x'))).error.find("larger than 64 KiB") !=
                       std::string::npos);
        const auto twoLines = readSecretFile(_workspace.write("c", "canary\ncanary\n"));
        CPPUNIT_ASSERT(twoLines.error.find("one line") != std::string::npos);
        CPPUNIT_ASSERT(twoLines.error.find("canary") == std::string::npos);
        CPPUNIT_ASSERT(!readSecretFile(_workspace.write("d", "\xFF")).text);
    }

private:
    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecretFileTest);

} // namespace carillon::config::tests
