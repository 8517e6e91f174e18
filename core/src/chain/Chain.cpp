#include "chain/Chain.h"

#include "carillon/Errors.h"

#include <algorithm>

namespace carillon::chain
{
namespace
{

struct Rule
{
    const char* outer;
    const char* inner;
    const char* reason;
};

constexpr Rule rules[] = {
    {"trace", "metrics", "a span must cover all that is measured"},
    {"metrics", "retry", "metrics must see what the retry layer decided, not what the handler threw"},
    {"metrics", "dedupe", "a repeat that was decided already must be counted too"},
    {"crash_guard", "dedupe", "a crash must be charged before anything of the message is looked at"},
    {"dedupe", "retry", "a decided message must not be tried again"},
    {"dedupe", "transaction", "a decided message must not open a unit of work"},
    {"deadline", "retry", "an expired message is not a failed attempt"},
    {"retry", "transaction", "each attempt has its own unit of work"},
};

constexpr const char* required[] = {"metrics", "dedupe", "deadline", "retry", "transaction"};

} // namespace

std::string brokenRule(const std::vector<std::string>& names)
{
    const auto position = [&names](const std::string& name) { return std::find(names.begin(), names.end(), name); };
    for (const char* name : required)
        if (position(name) == names.end()) return std::string("the chain has no layer '") + name + "'";
    for (const Rule& rule : rules)
    {
        const auto outer = position(rule.outer);
        const auto inner = position(rule.inner);
        if (outer != names.end() && inner != names.end() && outer > inner)
            return std::string("layer '") + rule.outer + "' must be outside '" + rule.inner + "': " + rule.reason;
    }
    for (auto name = names.begin(); name != names.end(); ++name)
        if (std::find(std::next(name), names.end(), *name) != names.end()) return "layer '" + *name + "' is there twice";
    return {};
}

void place(std::vector<Layer>& layers, Layer layer, const MiddlewarePlacement& placement)
{
    const bool isBefore = !placement.before.empty();
    if (isBefore == !placement.after.empty())
        throw ConfigurationError("middleware '" + layer.name + "' must name exactly one of 'before' and 'after'");
    const std::string& anchor = isBefore ? placement.before : placement.after;
    const auto named = [](const std::string& name) { return [&name](const Layer& other) { return other.name == name; }; };
    if (std::any_of(layers.begin(), layers.end(), named(layer.name)))
        throw ConfigurationError("middleware '" + layer.name + "': the chain has a layer of that name already; choose another name");
    const auto at = std::find_if(layers.begin(), layers.end(), named(anchor));
    if (at == layers.end())
        throw ConfigurationError("middleware '" + layer.name + "' wants to be " + (isBefore ? "before" : "after") + " '" + anchor +
                                 "', which the chain does not have; `carillon chain:explain` lists its layers");
    layers.insert(isBefore ? at : std::next(at), std::move(layer));
}

Chain::Chain(std::vector<Layer> layers, std::unique_ptr<Handler> handler) : _layers(std::move(layers)), _handler(std::move(handler))
{
    if (const std::string broken = brokenRule(names()); !broken.empty()) throw ConfigurationError("the chain cannot work: " + broken);
    for (const Layer& layer : _layers)
        _links.push_back(layer.middleware.get());
}

std::vector<std::string> Chain::names() const
{
    std::vector<std::string> names;
    for (const Layer& layer : _layers)
        names.push_back(layer.name);
    return names;
}

} // namespace carillon::chain
