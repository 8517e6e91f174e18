#include "config/PluginSettings.h"
#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

using namespace std::chrono_literals;

class PluginSettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginSettingsTest);
    CPPUNIT_TEST(everyDeclaredKeyHasATypedValue);
    CPPUNIT_TEST(defaultsStandInForWhatIsNotGiven);
    CPPUNIT_TEST(anUndeclaredKeyIsNamedWithPlaceAndNearest);
    CPPUNIT_TEST(wrongTypesAreNamedWithTheirPlace);
    CPPUNIT_TEST(aRequiredKeyMustBeGiven);
    CPPUNIT_TEST(secretsHaveFileTwinsAndStayOutOfErrors);
    CPPUNIT_TEST(variablesReachPluginsWithDashes);
    CPPUNIT_TEST(sectionsOfUnknownPluginsAreNamed);
    CPPUNIT_TEST(badDeclarationsAreFound);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyDeclaredKeyHasATypedValue()
    {
        write("text: hello, world\n    flag: yes\n    count: 3\n    ratio: 0.5\n    wait: 2s\n    limit: 1KiB\n    folder: sub\n    names: "
              "[a, b]\n");

        const auto result = validate();

        CPPUNIT_ASSERT_EQUAL(std::string(), textOf(result.problems));
        CPPUNIT_ASSERT_EQUAL(std::string("hello, world"), result.settings.text("text"));
        CPPUNIT_ASSERT(result.settings.boolean("flag"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, result.settings.integer("count"));
        CPPUNIT_ASSERT_EQUAL(0.5, result.settings.number("ratio"));
        CPPUNIT_ASSERT(result.settings.duration("wait") == 2s);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1024}, result.settings.integer("limit"));
        CPPUNIT_ASSERT_EQUAL((_workspace.path() / "sub").string(), result.settings.text("folder"));
        CPPUNIT_ASSERT(result.settings.list("names") == (std::vector<std::string>{"a", "b"}));
    }

    void defaultsStandInForWhatIsNotGiven()
    {
        write("text: x\n");

        const auto result = validate();

        CPPUNIT_ASSERT_EQUAL(std::string(), textOf(result.problems));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, result.settings.integer("count"));
        CPPUNIT_ASSERT(result.settings.list("names").empty());
        CPPUNIT_ASSERT_EQUAL(_workspace.path().string() + "/state/x", result.settings.text("folder"));
    }

    void anUndeclaredKeyIsNamedWithPlaceAndNearest()
    {
        write("text: x\n    cuont: 3\n");

        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:4:5: unknown key 'plugin.my-plugin.cuont'; did you mean 'plugin.my-plugin.count'?\n"),
            textOf(validate().problems));
        _declared.clear();
        CPPUNIT_ASSERT(textOf(validate().problems).find("plugin 'my-plugin' reads no keys") != std::string::npos);
    }

    void wrongTypesAreNamedWithTheirPlace()
    {
        write("text: x\n    wait: 2 sec\n    count: ''\n");

        const auto problems = textOf(validate().problems);

        CPPUNIT_ASSERT(
            problems.find("etc/carillon.yaml:4:5: 'plugin.my-plugin.wait' is '2 sec', not a duration; write e.g. 2s, 500ms, 5m") !=
            std::string::npos);
        CPPUNIT_ASSERT(problems.find("'plugin.my-plugin.count' has no value; it must be a integer") != std::string::npos);
    }

    void aRequiredKeyMustBeGiven()
    {
        write("flag: yes\n");

        CPPUNIT_ASSERT_EQUAL(std::string("plugin 'my-plugin' needs 'plugin.my-plugin.text': Some text.\n"), textOf(validate().problems));
    }

    void secretsHaveFileTwinsAndStayOutOfErrors()
    {
        _workspace.write("secret", "hunter2\n");
        write("text: x\n    pin_file: secret\n");
        CPPUNIT_ASSERT_EQUAL(std::string(), textOf(validate().problems));
        CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), validate().settings.text("pin"));

        write("text: x\n    pin: canary\n    pin_file: secret\n");
        CPPUNIT_ASSERT(textOf(validate().problems).find("'plugin.my-plugin.pin' and 'plugin.my-plugin.pin_file' are both set") !=
                       std::string::npos);

        write("text: x\n    pin_file: nowhere\n");
        CPPUNIT_ASSERT(textOf(validate().problems).find("'plugin.my-plugin.pin_file': secret file") != std::string::npos);

        _declared.push_back({"number", SettingType::Integer, "0", "A secret number.", false, true});
        write("text: x\n    number: canary\n");
        CPPUNIT_ASSERT(!validate().problems.empty());
        CPPUNIT_ASSERT(textOf(validate().problems).find("canary") == std::string::npos);

        write("text: x\n    pin_file: nowhere\n");
        _workspace.options.variables = {{"CARILLON__PLUGIN__MY_PLUGIN__PIN", "higher"}};
        CPPUNIT_ASSERT_EQUAL(std::string("higher"), validate().settings.text("pin"));
    }

    void variablesReachPluginsWithDashes()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.variables = {{"CARILLON__PLUGIN__MY_PLUGIN__TEXT", "y"}};

        CPPUNIT_ASSERT_EQUAL(std::string("y"), validate().settings.text("text"));
    }

    void sectionsOfUnknownPluginsAreNamed()
    {
        write("text: x\n");
        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT(unknownPluginSections(configuration, {"send", "my-plugin"}).empty());
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "etc/carillon.yaml:3:5: 'plugin.my-plugin' is for a plugin that was not found; did you mean 'plugin.my-plugins'?\n"),
            textOf(unknownPluginSections(configuration, {"send", "my-plugins"})));
    }

    void badDeclarationsAreFound()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), checkDeclaration({"wait", SettingType::Duration, "2s", "", false, false}));
        CPPUNIT_ASSERT_EQUAL(std::string("the default of setting 'wait' is '2', not a duration; write e.g. 2s, 500ms, 5m"),
                             checkDeclaration({"wait", SettingType::Duration, "2", "", false, false}));
        CPPUNIT_ASSERT(checkDeclaration({"Bad Key", SettingType::Text, "", "", false, false}).find("is no key") != std::string::npos);
    }

private:
    void write(const std::string& settings)
    {
        _workspace.write("etc/carillon.yaml", "plugin:\n  my-plugin:\n    " + settings + Workspace::minimum);
    }

    PluginSettings validate() { return validatePluginSettings(_workspace.loaded(), "my-plugin", _declared); }

    Workspace _workspace;
    std::vector<SettingDeclaration> _declared{{"text", SettingType::Text, "", "Some text.", true, false},
                                              {"flag", SettingType::Boolean, "no", "", false, false},
                                              {"count", SettingType::Integer, "7", "", false, false},
                                              {"ratio", SettingType::Number, "1", "", false, false},
                                              {"wait", SettingType::Duration, "1s", "", false, false},
                                              {"limit", SettingType::Size, "0", "", false, false},
                                              {"folder", SettingType::Path, "%state_dir%/x", "", false, false},
                                              {"names", SettingType::List, "", "", false, false},
                                              {"pin", SettingType::Text, "", "", false, true}};
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginSettingsTest);

} // namespace carillon::config::tests
