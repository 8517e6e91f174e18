#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class IniReaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(IniReaderTest);
    CPPUNIT_TEST(sectionsAndKeysAreJoined);
    CPPUNIT_TEST(quotesKeepBlanksAndSigns);
    CPPUNIT_TEST(aListOfQuotedItemsStaysAsWritten);
    CPPUNIT_TEST(emptySectionsAndValuesAreSaid);
    CPPUNIT_TEST(aKeySaidTwiceIsAProblemAcrossSections);
    CPPUNIT_TEST(whatIsNoLineIsNamed);
    CPPUNIT_TEST(commentsBehindValuesAreRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void sectionsAndKeysAreJoined()
    {
        const auto document = read("state_dir = x\r\n; comment\n# comment\n\n[transports.a]\n  retry.delay=2s\n");

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, document.settings.size());
        CPPUNIT_ASSERT_EQUAL(std::string("x"), document.settings[0].text);
        CPPUNIT_ASSERT_EQUAL(std::string("transports.a.retry.delay"), document.settings[1].path);
        CPPUNIT_ASSERT_EQUAL(std::string("2s"), document.settings[1].text);
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:6:3"), document.settings[1].origin.text());
    }

    void quotesKeepBlanksAndSigns()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(" a ; \"b\" \\ "), read("k = \" a ; \\\"b\\\" \\\\ \"\n").settings[0].text);
        CPPUNIT_ASSERT_EQUAL(std::string(), read("k = \"\"\n").settings[0].text);
        CPPUNIT_ASSERT(read("k = \"\"\n").settings[0].form == Setting::Form::Scalar);
    }

    void aListOfQuotedItemsStaysAsWritten()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("\"a, b\", c"), read("k = \"a, b\", c\n").settings[0].text);
    }

    void emptySectionsAndValuesAreSaid()
    {
        const auto document = read("[transports.a]\n[admin]\nport =\n");

        CPPUNIT_ASSERT(document.settings[0].form == Setting::Form::Section);
        CPPUNIT_ASSERT_EQUAL(std::string("transports.a"), document.settings[0].path);
        CPPUNIT_ASSERT(document.settings[1].form == Setting::Form::Nothing);
    }

    void aKeySaidTwiceIsAProblemAcrossSections()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:4:1: 'admin.port' was already set in line 2; keep one\n"),
                             problems("[admin]\nport = 1\n[admin]\nport = 2\n"));
    }

    void whatIsNoLineIsNamed()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:1:1: is no 'key = value', '[section]' or '; comment'\n"), problems("port: 1\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:1:1: has no key before '='\n"), problems("= 1\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:1:1: is no section; write [name]\n"), problems("[admin\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("f.ini:1:1: is no section; write [name]\n"), problems("[]\n"));
    }

    void commentsBehindValuesAreRefused()
    {
        CPPUNIT_ASSERT(problems("a = 30s ; lease\n").find("a comment needs a line of its own") != std::string::npos);
        CPPUNIT_ASSERT(problems("a = http://x/#y\n").empty());
    }

private:
    static Document read(const std::string& text)
    {
        Origin origin;
        origin.layer = Origin::Layer::BaseFile;
        origin.source = "f.ini";
        return readIni(text, origin);
    }
    static std::string problems(const std::string& text) { return textOf(read(text).problems); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IniReaderTest);

} // namespace carillon::config::tests
