#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class YamlReaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(YamlReaderTest);
    CPPUNIT_TEST(mapsAreFlattenedWithTheirPlaces);
    CPPUNIT_TEST(dotsInKeysAreLevels);
    CPPUNIT_TEST(emptyMapsAndMissingValuesAreSaid);
    CPPUNIT_TEST(aKeySaidTwiceIsAProblem);
    CPPUNIT_TEST(tabsAreNamed);
    CPPUNIT_TEST(brokenYamlNamesThePlace);
    CPPUNIT_TEST(aliasesAnchorsAndTagsAreRefused);
    CPPUNIT_TEST(listsHoldPlainValuesOnly);
    CPPUNIT_TEST(oneDocumentOnly);
    CPPUNIT_TEST(deepNestingIsAnErrorAndNoCrash);
    CPPUNIT_TEST_SUITE_END();

public:
    void mapsAreFlattenedWithTheirPlaces()
    {
        const auto document = read("admin:\n  port: 8009\n  allowed_hosts: [a, 'b, c']\n");

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, document.settings.size());
        CPPUNIT_ASSERT_EQUAL(std::string("admin.port"), document.settings[0].path);
        CPPUNIT_ASSERT_EQUAL(std::string("8009"), document.settings[0].text);
        CPPUNIT_ASSERT_EQUAL(std::string("f.yaml:2:3"), document.settings[0].origin.text());
        CPPUNIT_ASSERT(document.settings[1].items == (std::vector<std::string>{"a", "b, c"}));
        CPPUNIT_ASSERT_EQUAL(std::string("f.yaml:3:3"), document.settings[1].origin.text());
    }

    void dotsInKeysAreLevels()
    {
        const auto document = read("routing:\n  notification.send: x\n  notification:\n    bulk: y\n");

        CPPUNIT_ASSERT_EQUAL(std::string("routing.notification.send"), document.settings[0].path);
        CPPUNIT_ASSERT_EQUAL(std::string("routing.notification.bulk"), document.settings[1].path);
    }

    void emptyMapsAndMissingValuesAreSaid()
    {
        const auto document = read("transports:\n  a: {}\n  b:\n");

        CPPUNIT_ASSERT(document.settings[0].form == Setting::Form::Section);
        CPPUNIT_ASSERT(document.settings[1].form == Setting::Form::Nothing);
        CPPUNIT_ASSERT(read("").settings.empty());
        CPPUNIT_ASSERT(read("# nothing\n").problems.empty());
    }

    void aKeySaidTwiceIsAProblem()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("f.yaml:3:3: 'admin.port' was already set in line 2; keep one\n"),
                             problems("admin:\n  port: 1\n  port: 2\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("f.yaml:3:1: 'admin.port' was already set in line 2; keep one\n"),
                             problems("admin:\n  port: 1\nadmin.port: 2\n"));
    }

    void tabsAreNamed()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("f.yaml:2:1: a tab indents the line; use spaces\n"), problems("admin:\n\tport: 1\n"));
    }

    void brokenYamlNamesThePlace()
    {
        const auto text = problems("admin:\n  port: [1\n");

        CPPUNIT_ASSERT_MESSAGE(text, text.starts_with("f.yaml:3:"));
        CPPUNIT_ASSERT_MESSAGE(text, text.find("is not YAML") != std::string::npos);
    }

    void aliasesAnchorsAndTagsAreRefused()
    {
        const auto text = problems("a: &x 1\nb: *x\nc: !!int 3\n");

        CPPUNIT_ASSERT_MESSAGE(text, text.find("f.yaml:1:7: anchors are not read") != std::string::npos ||
                                         text.find("f.yaml:1:4: anchors are not read") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("f.yaml:2:4: aliases are not read") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("is not read; remove it") != std::string::npos);
    }

    void listsHoldPlainValuesOnly()
    {
        CPPUNIT_ASSERT(problems("a: [[1], 2]\n").find("lists hold plain values only") != std::string::npos);
        CPPUNIT_ASSERT(problems("a:\n  - b: 1\n").find("lists hold plain values only") != std::string::npos);
        CPPUNIT_ASSERT(problems("a:\n  -\n").find("an item of the list is missing") != std::string::npos);
        CPPUNIT_ASSERT(problems("- a\n").find("write 'key: value' lines") != std::string::npos);
        CPPUNIT_ASSERT(problems("just text\n").find("write 'key: value' lines") != std::string::npos);
        CPPUNIT_ASSERT(problems("? [a, b]\n: 1\n").find("a key must be a word") != std::string::npos);
        CPPUNIT_ASSERT(problems("? {a: b}\n: 1\n").find("a key must be a word") != std::string::npos);
    }

    void oneDocumentOnly() { CPPUNIT_ASSERT(problems("a: 1\n---\nb: 2\n").find("more than one document") != std::string::npos); }

    void deepNestingIsAnErrorAndNoCrash()
    {
        const auto text = problems("a: " + std::string(100'000, '['));

        CPPUNIT_ASSERT(text.find("is not YAML") != std::string::npos);
    }

private:
    static Document read(const std::string& text)
    {
        Origin origin;
        origin.layer = Origin::Layer::BaseFile;
        origin.source = "f.yaml";
        return readYaml(text, origin);
    }
    static std::string problems(const std::string& text) { return textOf(read(text).problems); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(YamlReaderTest);

} // namespace carillon::config::tests
