#include "log/Log.h"

#include "carillon/Errors.h"
#include "log/Redaction.h"
#include "support/TemporaryDirectory.h"

#include <Poco/Logger.h>

#include <cppunit/extensions/HelperMacros.h>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

/// A forked child has lost the threads whose stacks held what they had allocated; LeakSanitizer asks this hook at its exit.
static int isLeakCheckOff = 0;
extern "C" __attribute__((visibility("default"))) int __lsan_is_turned_off()
{
    return isLeakCheckOff;
}

namespace carillon::log::tests
{

using namespace std::chrono_literals;

class LogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LogTest);
    CPPUNIT_TEST(linesGoToTheDescriptor);
    CPPUNIT_TEST(levelsAreHeldAndCanBeChanged);
    CPPUNIT_TEST(pocosOwnLinesComeOutTheSameWay);
    CPPUNIT_TEST(noCanaryGetsThrough);
    CPPUNIT_TEST(filesAreNamedAfterTheProcessAndRotated);
    CPPUNIT_TEST(anUnwritableFileIsAConfigurationError);
    CPPUNIT_TEST(aFullPipeHoldsNobodyUp);
    CPPUNIT_TEST(aProcessWithoutThreadsWritesAtOnce);
    CPPUNIT_TEST(aProcessWithoutThreadsNeverWaitsForAReader);
    CPPUNIT_TEST(aFatalLineIsWrittenBeforeTheCallReturns);
    CPPUNIT_TEST(beforeTheStartOnlyWarningsAreWritten);
    CPPUNIT_TEST(whatIsQueuedIsWrittenAtExit);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        CPPUNIT_ASSERT_EQUAL(0, ::pipe2(_pipe, O_CLOEXEC));
        _options.descriptor = _pipe[1];
    }

    void tearDown() override
    {
        stop();
        ::close(_pipe[0]);
        ::close(_pipe[1]);
    }

    void linesGoToTheDescriptor()
    {
        start(_options);

        get("send").warning("retry in 30s", {{"id", "7f3a"}, {"attempt", 2}, {"reason", "gateway throttled"}});

        CPPUNIT_ASSERT(flush(10s));
        const auto line = read();
        CPPUNIT_ASSERT_MESSAGE(line, line.ends_with("Z WARN send: retry in 30s id=7f3a attempt=2 reason=\"gateway throttled\"\n"));
    }

    void levelsAreHeldAndCanBeChanged()
    {
        _options.log.level = LogLevel::Warning;
        start(_options);
        const auto logger = get("x");
        CPPUNIT_ASSERT(!logger.isEnabled(LogLevel::Notice));
        logger.info("hidden");
        logger.error("shown");

        setLevel(LogLevel::Debug);
        CPPUNIT_ASSERT(logger.isEnabled(LogLevel::Debug));
        logger.debug("shown, too");

        CPPUNIT_ASSERT(flush(10s));
        const auto text = read();
        CPPUNIT_ASSERT(text.find("hidden") == std::string::npos);
        CPPUNIT_ASSERT(text.find("ERROR x: shown\n") != std::string::npos);
        CPPUNIT_ASSERT(text.find("DEBUG x: shown, too\n") != std::string::npos);
    }

    void pocosOwnLinesComeOutTheSameWay()
    {
        Poco::Logger& before = Poco::Logger::get("Made.Before");
        start(_options);

        before.warning("of %s", std::string("Poco\nforged"));
        Poco::Logger::get("Made.After").information("too");

        CPPUNIT_ASSERT(flush(10s));
        const auto text = read();
        CPPUNIT_ASSERT_MESSAGE(text, text.find("WARN Made.Before: of Poco\\nforged\n") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("INFO Made.After: too\n") != std::string::npos);
    }

    /// Promise 8.
    void noCanaryGetsThrough()
    {
        const std::string device = "dGhpcyBpcyBhIHRlc3Q_-0:APA91bcanary" + std::string(128, 'x');
        for (const auto format : {config::LogFormat::Text, config::LogFormat::Json})
        {
            _options.log.format = format;
            _options.log.level = LogLevel::Trace;
            start(_options);
            const auto logger = get("send");
            logger.info(
                "sent",
                {{"title", "canary"}, {"body", "canary"}, {"userId", "canary"}, {"token", device}, {"device", fingerprint(device)}});
            logger.error("POST failed: Authorization: Bearer canary-0123456789 for " + device);
            logger.error("store is down", {{"error", "mongodb://carillon:canary@db/x?authSource=admin"}});
            Poco::Logger::get("HTTPServer").error("bad request from canary@exemple.fr");

            CPPUNIT_ASSERT(flush(10s));
            const auto text = read();
            CPPUNIT_ASSERT_MESSAGE(text, text.find("canary") == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(text, text.find(fingerprint(device)) != std::string::npos);
        }
    }

    void filesAreNamedAfterTheProcessAndRotated()
    {
        carillon::tests::TemporaryDirectory directory;
        _options.log.output = config::LogOutput::File;
        _options.log.file = directory / "deep/carillon.log";
        _options.log.rotateSize = 4096;
        _options.log.rotateKeep = 2;
        _options.process = "worker-1";
        start(_options);

        for (int count = 0; count < 400; ++count)
            get("x").info("a line that is here to fill the file until it is rotated", {{"count", count}});
        CPPUNIT_ASSERT(flush(30s));

        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory / "deep")) names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        CPPUNIT_ASSERT_EQUAL(std::string("carillon.worker-1.log"), names.front());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, names.size());
        std::ifstream file(directory / "deep/carillon.worker-1.log");
        std::stringstream content;
        content << file.rdbuf();
        CPPUNIT_ASSERT_MESSAGE(content.str(), content.str().ends_with("count=399\n"));
    }

    void anUnwritableFileIsAConfigurationError()
    {
        carillon::tests::TemporaryDirectory directory;
        std::ofstream(directory / "file") << "x";
        _options.log.output = config::LogOutput::File;
        _options.log.file = directory / "file/carillon.log";

        try
        {
            start(_options);
            CPPUNIT_FAIL("started");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT_MESSAGE(error.what(), std::string(error.what()).find("log.file") != std::string::npos);
        }
    }

    /// Promise 5: whoever reads our output, and stops reading, must not keep us from working or from stopping.
    void aFullPipeHoldsNobodyUp()
    {
        // Never closed: the thread that is left behind still writes to it.
        int unread[2];
        CPPUNIT_ASSERT_EQUAL(0, ::pipe2(unread, O_CLOEXEC));
        _options.descriptor = unread[1];
        _options.log.queueSize = 16;
        _options.log.overflowWait = 1ms;
        _options.flushDeadline = 20ms;
        start(_options);
        const auto before = lostLines();
        const auto logger = get("x");
        const std::string text(500, '.');

        for (int count = 0; count < 2000; ++count) logger.info(text);
        stop();

        CPPUNIT_ASSERT(lostLines() - before > 1000);
    }

    void aProcessWithoutThreadsWritesAtOnce()
    {
        _options.isDirect = true;
        _options.log.format = config::LogFormat::Json;
        start(_options);

        get("master").info("started", {{"workers", 2}});

        const auto line = read();
        CPPUNIT_ASSERT_MESSAGE(line, line.find("\"message\":\"started\"") != std::string::npos && line.ends_with("\"workers\":2}\n"));
        CPPUNIT_ASSERT(flush(0ms));
    }

    void aProcessWithoutThreadsNeverWaitsForAReader()
    {
        _options.isDirect = true;
        start(_options);
        const auto before = lostLines();
        const auto logger = get("master");
        // Three pages of a pipe's sixteen, so one line is given up in its middle.
        const std::string text(9000, '.');
        for (int count = 0; count < 100; ++count) logger.info(text);
        CPPUNIT_ASSERT(lostLines() - before > 10);

        read();
        logger.info("again");

        const auto rest = read();
        CPPUNIT_ASSERT_MESSAGE(rest, rest.find("lines were lost here") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(rest, rest.starts_with("\n2"));
        CPPUNIT_ASSERT_MESSAGE(rest, rest.ends_with("INFO master: again\n"));
    }

    void aFatalLineIsWrittenBeforeTheCallReturns()
    {
        start(_options);

        get("x").log(LogLevel::Fatal, "the end");

        CPPUNIT_ASSERT(read().ends_with("FATAL x: the end\n"));
    }

    void beforeTheStartOnlyWarningsAreWritten()
    {
        CPPUNIT_ASSERT(get("x").isEnabled(LogLevel::Warning));
        CPPUNIT_ASSERT(!get("x").isEnabled(LogLevel::Notice));
        CPPUNIT_ASSERT(flush(0ms));

        const int saved = ::dup(STDERR_FILENO);
        ::dup2(_pipe[1], STDERR_FILENO);
        get("x").warning("early", {{"token", "canary"}});
        ::dup2(saved, STDERR_FILENO);
        ::close(saved);

        CPPUNIT_ASSERT(read().ends_with("WARN x: early token=[redacted]\n"));
        setLevel(LogLevel::Information);
        CPPUNIT_ASSERT(get("x").isEnabled(LogLevel::Information));
        setLevel(LogLevel::Warning);
    }

    void whatIsQueuedIsWrittenAtExit()
    {
        const pid_t child = ::fork();
        if (child == 0)
        {
            isLeakCheckOff = 1;
            start(_options);
            for (int count = 0; count < 100; ++count) get("x").info("line");
            std::exit(0);
        }
        int status = 0;
        CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
        CPPUNIT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        const auto text = read();
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{100}, std::count(text.begin(), text.end(), '\n'));
    }

private:
    /// What is in the pipe now.
    std::string read()
    {
        ::fcntl(_pipe[0], F_SETFL, O_NONBLOCK);
        std::string text;
        char buffer[65536];
        for (auto count = ::read(_pipe[0], buffer, sizeof buffer); count > 0; count = ::read(_pipe[0], buffer, sizeof buffer))
        {
            text.append(buffer, static_cast<std::size_t>(count));
        }
        return text;
    }

    Options _options;
    int _pipe[2] = {-1, -1};
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

} // namespace carillon::log::tests
