#include "audit/AuditLog.h"
#include "carillon/Errors.h"
#include "support/ManualClock.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <thread>
#include <vector>

namespace carillon::tests::admin
{

class AuditLogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AuditLogTest);
    CPPUNIT_TEST(aLineTellsWhoDidWhatToWhichWhen);
    CPPUNIT_TEST(linesOfManyWritersStayWhole);
    CPPUNIT_TEST(aLogThatCannotBeWrittenForbidsTheAct);
    CPPUNIT_TEST_SUITE_END();

public:
    void aLineTellsWhoDidWhatToWhichWhen()
    {
        log().record("uid 0 (\"x\"\n)", "retried a dead letter", "m-\xff");

        const auto line = nlohmann::json::parse(lines().at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T08:00:00.000Z"), line.at("at").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("uid 0 (\"x\"\n)"), line.at("by").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("retried a dead letter"), line.at("act").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("m-\xef\xbf\xbd"), line.at("what").get<std::string>());
    }

    void linesOfManyWritersStayWhole()
    {
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back(
                [this]
                {
                    for (int j = 0; j < 50; ++j) log().record("somebody", "removed a dead letter", std::string(100, 'x'));
                });
        for (std::thread& thread : threads) thread.join();

        const auto all = lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{400}, all.size());
        for (const std::string& line : all) CPPUNIT_ASSERT(nlohmann::json::accept(line));
    }

    void aLogThatCannotBeWrittenForbidsTheAct()
    {
        std::filesystem::create_symlink(_directory / "elsewhere", _directory / "audit.log");

        CPPUNIT_ASSERT_THROW(log().record("somebody", "did", "it"), Error);
        CPPUNIT_ASSERT(!std::filesystem::exists(_directory / "elsewhere"));
    }

private:
    audit::AuditLog log() const { return {_directory / "audit.log", _clock}; }

    std::vector<std::string> lines() const
    {
        std::ifstream file(_directory / "audit.log");
        std::vector<std::string> result;
        for (std::string line; std::getline(file, line);) result.push_back(line);
        return result;
    }

    TemporaryDirectory _directory;
    ManualClock _clock;
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuditLogTest);

} // namespace carillon::tests::admin
