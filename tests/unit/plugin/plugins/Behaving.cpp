// Does what the text in `orders` says, as `key=value;key=value`. A test writes the text into a copy of the file, so that every kind of
// wrong plugin is a real shared object and only one has to be compiled.
#include "carillon/Plugin.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

extern char** environ;

namespace
{

// Volatile, so that the compiler does not read it at compile time.
volatile char orders[512] = "@ORDERS@";

std::string order(const std::string& key, const std::string& otherwise = {})
{
    std::string text;
    for (std::size_t index = 0; orders[index] != '\0'; ++index) text += orders[index];
    text = ";" + text + ";";
    const std::size_t found = text.find(";" + key + "=");
    if (found == std::string::npos) return otherwise;
    const std::size_t start = found + key.size() + 2;
    return text.substr(start, text.find(';', start) - start);
}

class Quiet final : public carillon::Handler
{
public:
    carillon::Outcome handle(const carillon::Envelope& envelope, carillon::Context&) override
    {
        return envelope.body == "{}" ? carillon::Outcome::ack() : carillon::Outcome::reject("not empty");
    }
};

class Layer final : public carillon::Middleware
{
public:
    void process(carillon::Batch batch, const carillon::Next& next) override { next(batch); }
};

int openDescriptors()
{
    int count = 0;
    DIR* const folder = opendir("/proc/self/fd");
    while (readdir(folder) != nullptr) ++count;
    closedir(folder);
    return count - 3; // ".", ".." and the folder's own
}

void misbehave(const std::string& what)
{
    if (what == "throw") throw std::runtime_error("no luck\ntoday");
    if (what == "throw-int") throw 7;
    if (what == "abort") std::abort();
    if (what == "exit") std::exit(3);
    if (what == "exit-0") std::exit(0);
    // Through a volatile pointer: the compiler must not see where it points.
    int* volatile nowhere = nullptr;
    if (what == "segv") *nowhere = 1;
    if (what == "sleep") pause();
    if (what == "spin")
        for (volatile bool forever = true; forever;)
        {
        }
    if (what == "chatter")
        for (int line = 0; line < 100000; ++line) std::fprintf(stderr, "line %d of much\n", line);
    if (what == "write-file") (void)!write(open("/tmp", O_TMPFILE | O_WRONLY, 0600), "x", 1);
    if (what == "fork")
    {
        if (fork() == 0) pause();
    }
    if (what == "connect")
    {
        if (socket(AF_INET, SOCK_STREAM, 0) >= 0) throw std::runtime_error("has a network");
        if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) throw std::runtime_error("has local sockets");
        throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
    }
    if (what == "look")
    {
        std::string report = "environment=" + std::string(environ[0] == nullptr ? "empty" : environ[0]);
        report += " descriptors=" + std::to_string(openDescriptors());
        throw std::runtime_error(report);
    }
}

void registerBehaving(carillon::Registry& registry)
{
    misbehave(order("do"));
    carillon::HandlerOptions options;
    options.schema = order("schema");
    options.version = std::stoi(order("version", "1"));
    if (order("moody") == "yes") options.maxBatch = getpid() % 1000000 + 1;
    registry.add<Quiet>(order("type", order("name", "behaving") + ".print"), options);
    if (!order("type2").empty()) registry.add<Quiet>(order("type2"));
    if (!order("upcast").empty())
        registry.addUpcast(order("type"), std::stoi(order("upcast")), [](const std::string& body) { return body; });
    if (!order("layer").empty())
        registry.addMiddleware(order("layer"), {.before = "retry"}, [](const carillon::Wiring&) { return std::make_unique<Layer>(); });
    if (!order("schedule").empty()) registry.addSchedule({.name = order("schedule"), .cron = "0 8 * * 1", .type = "behaving.tick"});
    if (!order("setting").empty())
        registry.addSetting(
            {.key = order("setting"), .type = carillon::SettingType::Duration, .defaultValue = order("default"), .help = "How long."});
}

struct AtLoad
{
    AtLoad() { misbehave(order("load")); }
} atLoad;

} // namespace

extern "C" CARILLON_API const CarillonPluginDescriptor* carillon_plugin()
{
    if (order("entry") == "null") return nullptr;
    static const std::string build = order("build", CARILLON_BUILD_ID);
    static const std::string name = order("name", "behaving");
    static const std::string version = order("plugin-version", "1.0.0");
    static const CarillonPluginDescriptor descriptor{
        static_cast<std::uint32_t>(std::stoul(order("abi", std::to_string(CARILLON_PLUGIN_ABI)))),
        static_cast<std::uint32_t>(std::stoul(order("size", std::to_string(sizeof(descriptor))))),
        build.c_str(),
        order("entry") == "no-name" ? nullptr : name.c_str(),
        version.c_str(),
        &registerBehaving};
    return &descriptor;
}
