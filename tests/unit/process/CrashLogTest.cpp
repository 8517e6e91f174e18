// Promise 8: a crash record names the message, never what is in it.
#include "process/CrashLog.h"

#include "carillon/Clock.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <system_error>

using namespace carillon;
using namespace carillon::process;
using namespace std::chrono_literals;
using nlohmann::json;

namespace
{

Death deathByFault()
{
    Death death;
    death.at = fromRfc3339("2026-11-23T08:00:00.123Z");
    death.identity = {metrics::Role::Worker, "notifications", 1, 2};
    death.pid = 4711;
    death.signal = SIGSEGV;
    death.uptime = 1500ms;
    metrics::SlotSnapshot slot;
    slot.state = metrics::SlotState::Running;
    slot.id = "0191-\xff"; // not UTF-8: nobody has checked it yet
    slot.type = "notification.send";
    slot.plugin = "send";
    slot.attempt = 2;
    slot.crashSignal = SIGSEGV;
    slot.crashAddress = 0x10;
    slot.crashCounter = 0x7f00dead;
    death.inFlight = {slot, slot};
    death.inFlight[1].crashSignal = 0;
    return death;
}

std::vector<std::string> linesOf(const std::filesystem::path& file)
{
    std::ifstream stream(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

} // namespace

class CrashLogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CrashLogTest);
    CPPUNIT_TEST(lineTellsWhoDiedOfWhatWithWhat);
    CPPUNIT_TEST(exitIsTold);
    CPPUNIT_TEST(eachDeathIsOneLineOfAPrivateFile);
    CPPUNIT_TEST(largeFileIsSetAside);
    CPPUNIT_TEST(folderThatIsGoneIsAnError);
    CPPUNIT_TEST(symbolicLinkIsNotFollowed);
    CPPUNIT_TEST_SUITE_END();

public:
    void lineTellsWhoDiedOfWhatWithWhat()
    {
        const auto line = CrashLog::toJson(deathByFault());

        CPPUNIT_ASSERT(line.find('\n') == std::string::npos);
        const auto record = json::parse(line);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T08:00:00.123Z"), record["time"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("worker"), record["role"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("SIGSEGV"), record["signalName"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(1500, record["uptimeMs"].get<int>());
        CPPUNIT_ASSERT(!record.contains("exitStatus"));
        const auto& guilty = record["inFlight"][0];
        CPPUNIT_ASSERT_EQUAL(std::string("0191-\uFFFD"), guilty["id"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("0x10"), guilty["crash"]["address"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("0x7f00dead"), guilty["crash"]["programCounter"].get<std::string>());
        CPPUNIT_ASSERT(!record["inFlight"][1].contains("crash"));
    }

    void exitIsTold()
    {
        auto death = deathByFault();
        death.signal = 0;
        death.exitStatus = 3;
        death.cause = DeathCause::Exit;
        death.note = "ended by an exception: boom";

        const auto record = json::parse(CrashLog::toJson(death));

        CPPUNIT_ASSERT_EQUAL(3, record["exitStatus"].get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("exit"), record["cause"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("ended by an exception: boom"), record["note"].get<std::string>());
        CPPUNIT_ASSERT(!record.contains("signal"));
    }

    void eachDeathIsOneLineOfAPrivateFile()
    {
        const tests::TemporaryDirectory directory;
        const CrashLog log(directory / "crashes.jsonl");

        log.append(deathByFault());
        log.append(deathByFault());

        CPPUNIT_ASSERT_EQUAL(std::size_t(2), linesOf(log.file()).size());
        struct stat status = {};
        ::stat(log.file().c_str(), &status);
        CPPUNIT_ASSERT_EQUAL(mode_t(0600), mode_t(status.st_mode & 0777));
    }

    void largeFileIsSetAside()
    {
        const tests::TemporaryDirectory directory;
        const CrashLog log(directory / "crashes.jsonl");
        log.append(deathByFault());
        std::filesystem::resize_file(log.file(), CrashLog::maxSize + 1);

        log.append(deathByFault());

        CPPUNIT_ASSERT_EQUAL(std::size_t(1), linesOf(log.file()).size());
        CPPUNIT_ASSERT(std::filesystem::exists(directory / "crashes.jsonl.1"));
    }

    void folderThatIsGoneIsAnError()
    {
        const tests::TemporaryDirectory directory;
        const CrashLog log(directory / "no" / "crashes.jsonl");

        CPPUNIT_ASSERT_THROW(log.append(deathByFault()), std::system_error);
    }

    void symbolicLinkIsNotFollowed()
    {
        const tests::TemporaryDirectory directory;
        std::filesystem::create_symlink(directory / "elsewhere", directory / "crashes.jsonl");

        CPPUNIT_ASSERT_THROW(CrashLog(directory / "crashes.jsonl").append(deathByFault()), std::system_error);
        CPPUNIT_ASSERT(!std::filesystem::exists(directory / "elsewhere"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CrashLogTest);
