#include "cli/CommandLine.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace carillon;
using namespace carillon::cli;

namespace
{

class Probe final : public Command
{
public:
    std::string name() const override { return "probe"; }
    std::vector<std::string> aliases() const override { return {"messenger:probe"}; }
    std::string summary() const override { return "For tests"; }
    std::size_t maxArguments() const override { return 2; }
    std::vector<OptionSpec> options() const override
    {
        return {{"limit", "l", "A number", "NUMBER"}, {"force", "f", "A flag", ""}, {"queues", "", "Many", "QUEUE", true}};
    }
    int run(const Invocation&, Session&) override { return 0; }
};

} // namespace

class CommandLineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CommandLineTest);
    CPPUNIT_TEST(optionsAreReadInEveryUsualForm);
    CPPUNIT_TEST(aCommandAnswersToItsOtherNames);
    CPPUNIT_TEST(globalOptionsStandBeforeOrBehindTheCommand);
    CPPUNIT_TEST(anUnknownCommandNamesTheNearest);
    CPPUNIT_TEST(anUnknownOptionNamesTheNearest);
    CPPUNIT_TEST(whatIsMissingOrTooMuchIsSaid);
    CPPUNIT_TEST(numbersAreCheckedWithTheirOptionsName);
    CPPUNIT_TEST(afterTwoDashesAllAreArguments);
    CPPUNIT_TEST(everyShippedCommandHasHelpAndNoOptionTwice);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _commands.clear();
        _commands.push_back(std::make_unique<Probe>());
    }

private:
    ParsedLine read(const std::vector<std::string>& words) { return parse(words, _commands, {}); }

    std::string refusal(const std::vector<std::string>& words)
    {
        try
        {
            read(words).invocation.number("limit", 0, 1);
        }
        catch (const UsageError& error)
        {
            return error.what();
        }
        return {};
    }

    void optionsAreReadInEveryUsualForm()
    {
        for (const auto& words : std::vector<std::vector<std::string>>{
                 {"probe", "--limit=5"}, {"probe", "--limit", "5"}, {"probe", "-l5"}, {"probe", "-l", "5"}, {"probe", "-l=5"}, {"probe", "-fl5"}})
            CPPUNIT_ASSERT_EQUAL(std::string("5"), read(words).invocation.value("limit"));
        const auto many = read({"probe", "--queues", "a", "--queues=b", "x", "-f"}).invocation;
        CPPUNIT_ASSERT((std::vector<std::string>{"a", "b"}) == many.values("queues"));
        CPPUNIT_ASSERT((std::vector<std::string>{"x"}) == many.arguments);
        CPPUNIT_ASSERT(many.has("force"));
    }

    void aCommandAnswersToItsOtherNames() { CPPUNIT_ASSERT_EQUAL(std::string("probe"), read({"messenger:probe"}).command->name()); }

    void globalOptionsStandBeforeOrBehindTheCommand()
    {
        const auto line = read({"--env", "test", "probe", "--set", "a=1", "-vv", "--set=b=2", "--no-ansi"});
        CPPUNIT_ASSERT_EQUAL(std::string("test"), *line.global.load.environment);
        CPPUNIT_ASSERT((std::vector<std::string>{"a=1", "b=2"}) == line.global.load.overrides);
        CPPUNIT_ASSERT_EQUAL(2, line.global.verbosity);
        CPPUNIT_ASSERT(Console::Colours::Never == line.global.colours);
    }

    void anUnknownCommandNamesTheNearest() { CPPUNIT_ASSERT(refusal({"porbe"}).find("did you mean 'probe'?") != std::string::npos); }

    void anUnknownOptionNamesTheNearest()
    {
        CPPUNIT_ASSERT(refusal({"probe", "--limt=5"}).find("did you mean 'limit'?") != std::string::npos);
        CPPUNIT_ASSERT(refusal({"probe", "-x"}).find("'-x'") != std::string::npos);
    }

    void whatIsMissingOrTooMuchIsSaid()
    {
        CPPUNIT_ASSERT(refusal({"probe", "--limit"}).find("needs a value") != std::string::npos);
        CPPUNIT_ASSERT(refusal({"probe", "--force=yes"}).find("takes no value") != std::string::npos);
        CPPUNIT_ASSERT(refusal({"probe", "a", "b", "c"}).find("'c' is one argument too many") != std::string::npos);
        CPPUNIT_ASSERT(refusal({"probe", "--limit=1", "--limit=2"}).find("twice") != std::string::npos);
        CPPUNIT_ASSERT(refusal({"--config-format=toml", "probe"}).find("yaml or ini") != std::string::npos);
    }

    void numbersAreCheckedWithTheirOptionsName()
    {
        for (const char* wrong : {"--limit=", "--limit=x", "--limit=-1", "--limit=5x", "--limit=0", "--limit=99999999999999999999"})
            CPPUNIT_ASSERT_MESSAGE(wrong, refusal({"probe", wrong}).find("--limit takes a whole number from 1 on") != std::string::npos);
    }

    void afterTwoDashesAllAreArguments()
    {
        const auto line = read({"probe", "--", "--limit", "-f"});
        CPPUNIT_ASSERT((std::vector<std::string>{"--limit", "-f"}) == line.invocation.arguments);
    }

    void everyShippedCommandHasHelpAndNoOptionTwice()
    {
        const auto shipped = allCommands();
        CPPUNIT_ASSERT(helpText(shipped).find("  publish ") != std::string::npos);
        for (const auto& command : shipped)
        {
            CPPUNIT_ASSERT(!command->summary().empty());
            CPPUNIT_ASSERT(helpText(*command).find("carillon " + command->name()) != std::string::npos);
            std::map<std::string, int> seen;
            for (const auto& option : command->options())
            {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(option.name, 1, ++seen[option.name]);
                if (!option.shortName.empty()) CPPUNIT_ASSERT_EQUAL_MESSAGE(option.shortName, 1, ++seen["-" + option.shortName]);
                CPPUNIT_ASSERT_MESSAGE(command->name() + " " + option.name, !option.help.empty());
            }
        }
    }

    std::vector<std::unique_ptr<Command>> _commands;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommandLineTest);
