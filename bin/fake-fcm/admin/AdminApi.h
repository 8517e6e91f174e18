#pragma once

#include "FakeFcm.h"
#include "admin/ObjectReader.h"
#include "http/Message.h"
#include "net/Listener.h"

namespace carillon::fakefcm
{

/// The test's side of the server: looks into it and scripts it. JSON in and out; docs/fake-fcm.md lists the routes.
class AdminApi final : public Site
{
public:
    /// `fake` outlives the object.
    explicit AdminApi(FakeFcm& fake) : _fake(fake) {}

    /// Which listener's connections /stats counts. It outlives the object's last request.
    void observe(const Listener& listener) { _listener = &listener; }

    Answer answer(const Request& request) override;

private:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    Answer route(const Request& request);
    Answer journal(const Request& request) const;
    Answer requests(const Request& request) const;
    Answer stats() const;
    Answer registerAddresses(const Request& request);
    Answer setFaults(const Request& request);
    Answer advanceClock(const Request& request);
    Answer setTokens(const Request& request);

    FakeFcm& _fake;
    const Listener* _listener = nullptr;
};

} // namespace carillon::fakefcm
