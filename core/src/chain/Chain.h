#pragma once

#include "carillon/Batch.h"
#include "carillon/Handler.h"
#include "carillon/Middleware.h"
#include "carillon/Registry.h"

#include <memory>
#include <string>
#include <vector>

namespace carillon::chain
{

/// A layer and the name by which rules, plugins and `chain:explain` call it.
struct Layer
{
    std::string name;
    std::unique_ptr<Middleware> middleware;
};

/// All layers around one type's handler, outermost first. Built once a type at start; run() is thread-safe and allocates nothing.
class Chain
{
public:
    /// Throws ConfigurationError naming the rule when the layers are in a wrong order.
    Chain(std::vector<Layer> layers, std::unique_ptr<Handler> handler);

    /// Every item has an outcome afterwards, unless a layer threw: what it throws comes through.
    void run(Batch batch) const { Next(_links.data(), _links.data() + _links.size(), *_handler)(batch); }

    Handler& handler() const { return *_handler; }
    /// Outermost first.
    std::vector<std::string> names() const;

private:
    std::vector<Layer> _layers;
    std::vector<Middleware*> _links;
    std::unique_ptr<Handler> _handler;
};

/// Puts a plugin's layer just outside `before` or just inside `after`. Throws ConfigurationError naming both when there is no such layer, when
/// the name is taken, or when not exactly one place is named.
void place(std::vector<Layer>& layers, Layer layer, const MiddlewarePlacement& placement);

/// Why this order, outermost first, cannot be right; empty when it can. Each rule says what would go wrong.
std::string brokenRule(const std::vector<std::string>& names);

} // namespace carillon::chain
