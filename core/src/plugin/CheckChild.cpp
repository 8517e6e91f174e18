#include "plugin/CheckChild.h"

#include "plugin/NetworkDenial.h"
#include "plugin/PluginLibrary.h"
#include "plugin/Refused.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

namespace carillon::plugin
{

namespace
{

nlohmann::json answerAbout(const char* copy)
{
    try
    {
        nlohmann::json warnings = nlohmann::json::array();
        if (!denyNetwork()) warnings.push_back("plugins are checked with the network within reach: this kernel has no seccomp filters");
        const PluginLibrary library(copy);
        Manifest manifest;
        library.describe(manifest);
        library.registerPlugin().describe(manifest);
        return {{"manifest", manifest.toJson()}, {"warnings", warnings}};
    }
    catch (const Refused& refused)
    {
        return {{"reason", refused.reason()}, {"remedy", refused.remedy()}};
    }
    catch (const std::exception& error)
    {
        return {{"reason", std::string("its check failed: ") + error.what()}, {"remedy", "correct what it says, then check again"}};
    }
}

} // namespace

int runPluginCheck(int argc, char** argv)
{
    constexpr int usage = 2;
    if (argc < 2 || fcntl(checkResultDescriptor, F_GETFD) < 0)
    {
        std::fputs("this is carillon's own; use: carillon plugin:check FILE\n", stderr);
        return usage;
    }
    const std::string answer = answerAbout(argv[argc - 1]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string_view rest(answer);
    while (!rest.empty())
    {
        const ssize_t written = write(checkResultDescriptor, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(EXIT_FAILURE);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    _exit(EXIT_SUCCESS);
}

} // namespace carillon::plugin
