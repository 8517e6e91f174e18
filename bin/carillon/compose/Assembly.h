#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "config/Configuration.h"
#include "plugin/Manifest.h"
#include "port/Store.h"
#include "port/Transport.h"
#include "publish/MessageCatalogue.h"
#include "publish/Publisher.h"
#include "publish/Router.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carillon::compose
{

/// The store, transports, routing and publishing door of one process, put together from its configuration: the one place where adapters are
/// chosen by name. Opens what it needs at once; throws ConfigurationError or StoreError.
class Assembly
{
public:
    Assembly(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests, const Clock& clock);

    port::Store& store() { return *_store; }
    /// By configured name. Throws ConfigurationError with the names there are.
    port::Transport& transport(const std::string& name);
    const std::map<std::string, std::unique_ptr<port::Transport>>& transports() const { return _transports; }
    const publish::Router& router() const { return _router; }
    const publish::Publisher& publisher() const { return *_publisher; }
    const publish::MessageCatalogue& catalogue() const { return _catalogue; }

    /// Creates what is missing in the store and the transports.
    void setUp();

private:
    std::unique_ptr<port::Store> _store;
    std::map<std::string, std::unique_ptr<port::Transport>> _transports;
    publish::Router _router;
    publish::MessageCatalogue _catalogue;
    std::unique_ptr<publish::Publisher> _publisher;
};

/// The plugin's options with the configuration's `types.<type>` over them; the retry policy is the type's, else the first transport's that it is routed to.
HandlerOptions effectiveOptions(const std::string& type, const HandlerOptions& declared, const config::Configuration& configuration);

} // namespace carillon::compose
