#pragma once

#include "admin/Instance.h"
#include "admin/MetricsPage.h"
#include "admin/Observer.h"
#include "admin/Routes.h"

#include <atomic>

namespace carillon::admin
{

/// `/health`, `/livez`, `/readyz`, `/readyz/consume`, `/metrics`. Thread-safe; outlives the server's threads.
class Probes
{
public:
    Probes(const Instance& instance, Observer& observer);

    void addTo(Routes& routes);

    /// From now on /readyz says no.
    void setDraining() { _isDraining = true; }

private:
    Response health() const;
    Response ready();
    Response consuming();

    const Instance& _instance;
    Observer& _observer;
    MetricsPage _metrics;
    std::atomic<bool> _isDraining{false};
};

} // namespace carillon::admin
