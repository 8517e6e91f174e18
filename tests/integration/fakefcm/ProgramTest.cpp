#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace carillon::tests
{

using namespace std::chrono_literals;

class ProgramTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProgramTest);
    CPPUNIT_TEST(wrongCommandLinesAreUsageErrors);
    CPPUNIT_TEST(helpNamesEveryOption);
    CPPUNIT_TEST(readyFileTellsWhereItAnswers);
    CPPUNIT_TEST(secretsAreForTheOwnerOnly);
    CPPUNIT_TEST(serviceAccountIsAsGoogleWritesIt);
    CPPUNIT_TEST(restartKeepsCertificatesAndKey);
    CPPUNIT_TEST(brokenCertificatesAreMadeAnew);
    CPPUNIT_TEST(bothStopSignalsEndItWithZero);
    CPPUNIT_TEST(stopDoesNotWaitForSlowAnswers);
    CPPUNIT_TEST(secondServerOnTheSameFolderIsRefused);
    CPPUNIT_TEST(portInUseIsNamed);
    CPPUNIT_TEST(unwritableFolderIsNamed);
    CPPUNIT_TEST(itDiesWithItsParent);
    CPPUNIT_TEST_SUITE_END();

    struct Ended
    {
        int status;
        std::string output;
    };

    /// Runs the program to its end; output is both streams.
    static Ended run(const std::string& arguments)
    {
        FILE* pipe = popen((std::string(FAKE_FCM_PROGRAM " ") + arguments + " 2>&1").c_str(), "r");
        Ended ended{0, {}};
        char buffer[4096];
        while (const std::size_t count = fread(buffer, 1, sizeof buffer, pipe)) ended.output.append(buffer, count);
        const int status = pclose(pipe);
        ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return ended;
    }

    static void expectRefused(const std::string& arguments, int status, const std::string& words)
    {
        const Ended ended = run(arguments);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(arguments + "\n" + ended.output, status, ended.status);
        CPPUNIT_ASSERT_MESSAGE(arguments + "\n" + ended.output, ended.output.find(words) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("one line\n" + ended.output, std::ptrdiff_t{1},
                                     std::count(ended.output.begin(), ended.output.end(), '\n'));
    }

    static std::string content(const std::filesystem::path& file)
    {
        const std::ifstream in(file);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }

public:
    void wrongCommandLinesAreUsageErrors()
    {
        expectRefused("", 2, "--state is missing");
        expectRefused("--stat x", 2, "unknown option '--stat'; --help lists all");
        expectRefused("--state", 2, "--state needs a value");
        expectRefused("--state x --port 65536", 2, "--port: '65536' is not a whole number from 0 to 65535");
        expectRefused("--state x --port -1", 2, "--port");
        expectRefused("--state x --port ''", 2, "--port");
        expectRefused("--state x --accept-any=yes", 2, "--accept-any takes no value");
        expectRefused("--state x --token-life 10", 2, "--token-life: '10' is not a duration such as");
        expectRefused("--state x --token-life 100ms", 2, "--token-life must be at least 1s");
        expectRefused("--state x --project a/b", 2, "--project: 'a/b' is not a project id");
        expectRefused("--state x --excess-streams drop", 2, "neither refuse nor goaway");
        expectRefused("--state x --keep 0", 2, "at least 1");
        const TemporaryDirectory folder;
        expectRefused("--state " + folder.path().string() + " --host nowhere", 1, "not an IP address");
    }

    void helpNamesEveryOption()
    {
        const Ended help = run("--help");
        CPPUNIT_ASSERT_EQUAL(0, help.status);
        const char* source = std::getenv("CARILLON_SOURCE_DIR");
        CPPUNIT_ASSERT_MESSAGE("run by ctest, or set CARILLON_SOURCE_DIR", source != nullptr);
        const std::string documentation = content(std::filesystem::path(source) / "docs/fake-fcm.md");
        std::istringstream lines(help.output);
        int options = 0;
        for (std::string line; std::getline(lines, line);)
        {
            if (!line.starts_with("  --")) continue;
            ++options;
            const std::string option = line.substr(2, line.find(' ', 2) - 2);
            CPPUNIT_ASSERT_MESSAGE("docs/fake-fcm.md does not explain " + option, documentation.find("`" + option) != std::string::npos);
        }
        CPPUNIT_ASSERT(options > 15);
        CPPUNIT_ASSERT(run("--version").output.starts_with("carillon-fake-fcm "));
    }

    void readyFileTellsWhereItAnswers()
    {
        FakeFcm fake;
        const Json ready = Json::parse(content(fake.stateFolder() / "ready.json"));
        CPPUNIT_ASSERT_EQUAL(fake.endpoint(), ready.at("endpoint").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(fake.adminEndpoint(), ready.at("admin").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(fake.process().pid(), ready.at("pid").get<pid_t>());
        CPPUNIT_ASSERT_EQUAL(fake.caFile(), ready.at("caFile").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(fake.serviceAccountFile(), ready.at("serviceAccountFile").get<std::string>());
        fake.stop();
        CPPUNIT_ASSERT(!std::filesystem::exists(fake.stateFolder() / "ready.json"));
    }

    void secretsAreForTheOwnerOnly()
    {
        const FakeFcm fake;
        for (const char* name : {"service-account.json", "server-key.pem"})
        {
            struct stat file
            {
            };
            CPPUNIT_ASSERT_EQUAL(0, stat((fake.stateFolder() / name).c_str(), &file));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0600U, file.st_mode & 0777U);
        }
    }

    void serviceAccountIsAsGoogleWritesIt()
    {
        const FakeFcm fake({"--project", "my-clinic"});
        const Json account = FcmClient(fake).serviceAccount();
        for (const char* field : {"type", "project_id", "private_key_id", "private_key", "client_email", "client_id", "auth_uri",
                                  "token_uri", "auth_provider_x509_cert_url", "client_x509_cert_url", "universe_domain"})
            CPPUNIT_ASSERT_MESSAGE(field, account.at(field).is_string());
        CPPUNIT_ASSERT_EQUAL(std::string("service_account"), account.at("type").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("my-clinic"), account.at("project_id").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(fake.endpoint() + "/token", account.at("token_uri").get<std::string>());
        CPPUNIT_ASSERT(account.at("private_key").get<std::string>().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    }

    void restartKeepsCertificatesAndKey()
    {
        FakeFcm fake({"--accept-any"});
        const std::string authority = content(fake.caFile());
        const std::string account = content(fake.serviceAccountFile());
        CPPUNIT_ASSERT_EQUAL(200L, FcmClient(fake).send(dataMessage("a")).status);

        CPPUNIT_ASSERT_EQUAL(0, fake.stop());
        fake.start();

        CPPUNIT_ASSERT_EQUAL(authority, content(fake.caFile()));
        CPPUNIT_ASSERT_EQUAL(account, content(fake.serviceAccountFile()));
        CPPUNIT_ASSERT_EQUAL(200L, FcmClient(fake).send(dataMessage("a")).status);
    }

    void brokenCertificatesAreMadeAnew()
    {
        FakeFcm fake({"--accept-any"});
        fake.stop();
        std::ofstream(fake.stateFolder() / "server.pem") << "broken";
        std::ofstream(fake.serviceAccountFile()) << "broken";
        fake.start();
        CPPUNIT_ASSERT_EQUAL(200L, FcmClient(fake).send(dataMessage("a")).status);
    }

    void bothStopSignalsEndItWithZero()
    {
        for (const int signal : {SIGTERM, SIGINT})
        {
            FakeFcm fake;
            fake.process().signal(signal);
            CPPUNIT_ASSERT_EQUAL(0, fake.process().wait(20s).value_or(-1));
        }
    }

    void stopDoesNotWaitForSlowAnswers()
    {
        FakeFcm fake;
        fake.registerAddresses({{.text = "slow", .state = "slow", .slow = 1h}});
        // The message is on its way when the signal comes; a client of its own, because the answer never does.
        ChildProcess curl({"/usr/bin/curl", "-s", "-m", "60", "--cacert", fake.caFile(), "-H", "Content-Type: application/json", "-H",
                           "Authorization: Bearer " + FcmClient(fake).accessToken(), "-d", R"({"message":{"token":"slow"}})",
                           fake.sendUrl()});
        fake.waitForDeliveries(1);
        CPPUNIT_ASSERT_EQUAL(0, fake.stop());
        CPPUNIT_ASSERT(curl.wait(20s).value_or(0) != 0);
    }

    void secondServerOnTheSameFolderIsRefused()
    {
        const FakeFcm fake;
        expectRefused("--port 0 --http-admin-port 0 --state " + fake.stateFolder().string(), 1,
                      "another carillon-fake-fcm uses " + fake.stateFolder().string());
        CPPUNIT_ASSERT(std::filesystem::exists(fake.stateFolder() / "ready.json"));
    }

    void portInUseIsNamed()
    {
        const FakeFcm fake;
        const TemporaryDirectory other;
        const std::string port = fake.endpoint().substr(fake.endpoint().rfind(':') + 1);
        expectRefused("--http-admin-port 0 --port " + port + " --state " + other.path().string(), 1,
                      "port " + port + ": Address already in use");
    }

    void unwritableFolderIsNamed()
    {
        expectRefused("--state /proc/nowhere", 1, "/proc/nowhere");
        const TemporaryDirectory folder;
        std::ofstream(folder / "file") << "x";
        expectRefused("--state " + (folder / "file").string(), 1, (folder / "file").string());
    }

    void itDiesWithItsParent()
    {
        const TemporaryDirectory folder;
        // The shell starts the server, waits for it to be ready, tells its pid and ends.
        const std::string script = fmt::format("{} --state {} --port 0 --http-admin-port 0 --die-with-parent >/dev/null & echo $!; "
                                               "while [ ! -f {}/ready.json ]; do sleep 0.05; done",
                                               FAKE_FCM_PROGRAM, folder.path().string(), folder.path().string());
        FILE* pipe = popen(script.c_str(), "r");
        int pid = 0;
        CPPUNIT_ASSERT_EQUAL(1, fscanf(pipe, "%d", &pid));
        pclose(pipe);
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        // It removes the file as the last thing it does.
        while (std::filesystem::exists(folder / "ready.json") && std::chrono::steady_clock::now() < deadline) usleep(10000);
        CPPUNIT_ASSERT(!std::filesystem::exists(folder / "ready.json"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProgramTest);

} // namespace carillon::tests
