#include "config/Loader.h"

#include "config/Resolver.h"

#include <algorithm>
#include <iterator>
#include <unistd.h>

namespace carillon::config
{

LoadOptions LoadOptions::fromProcess()
{
    LoadOptions options;
    options.workingDirectory = std::filesystem::current_path();
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    {
        const std::string text = *variable;
        const auto equals = text.find('=');
        if (equals != std::string::npos) options.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return options;
}

LoadResult load(const LoadOptions& options)
{
    Layers layers = readLayers(options);
    LoadResult result;
    result.files = layers.shownFiles;
    if (!layers.isComplete)
    {
        result.problems = std::move(layers.problems);
        return result;
    }
    // Half a file would make names look missing that are only further down.
    const bool isReadable = layers.problems.empty();
    Configuration configuration = resolve(layers, options);
    result.problems = std::move(layers.problems);
    if (isReadable)
    {
        auto more = crossCheck(configuration, options, layers.failedKeys);
        std::move(more.begin(), more.end(), std::back_inserter(result.problems));
    }
    if (result.problems.empty()) result.configuration = std::move(configuration);
    return result;
}

} // namespace carillon::config
