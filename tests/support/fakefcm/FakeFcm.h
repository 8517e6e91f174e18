#pragma once

#include "support/TemporaryDirectory.h"
#include "support/fakefcm/ChildProcess.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::tests
{

/// An address as FCM knows it.
struct FcmAddress
{
    std::string text;
    std::string state = "valid";       ///< valid, unregistered, mismatched, apns-dead, invalid, slow, throttled
    std::string kind = "token";        ///< or fid
    std::chrono::milliseconds slow{0}; ///< with slow
    std::uint64_t perMinute = 0;       ///< with throttled
};

/// One scripted answer; what is not set stays as usual. The whole list of what can be scripted is in docs/fake-fcm.md.
struct FcmAnswer
{
    static constexpr int forever = -1;

    int status = 0;             ///< 0: the usual answer, only disturbed by what else is set
    std::string errorCode = {}; ///< FCM's ("UNAVAILABLE"), or OAuth's for scriptTokens()
    std::optional<std::string> body = {};
    bool html = false;           ///< an error page of the front end
    std::string errorInfo = {};  ///< google.rpc.ErrorInfo reason
    std::string retryAfter = {}; ///< seconds or an HTTP-date
    std::string apnsReason = {}; ///< adds an ApnsError
    int apnsStatus = 400;
    std::chrono::milliseconds delay{0};
    std::optional<std::size_t> cutAfterBytes = {};
    std::size_t padToBytes = 0;
    std::string reset = {};           ///< "stream" or "connection"
    std::string goaway = {};          ///< "unread" or "after"
    std::optional<bool> deliver = {}; ///< counts as delivered whatever is answered; default: only when it is answered with 200
    int times = 1;
    double probability = 1.0;
};

/// One line of the journal.
struct FcmDelivery
{
    std::uint64_t sequence = 0;
    std::chrono::system_clock::time_point time;
    std::string kind;
    std::string address;
    std::string tag;        ///< android.notification.tag
    std::string collapseId; ///< apns-collapse-id
    std::string collapseKey;
    std::map<std::string, std::string> data;
    std::size_t titleLength = 0;
    std::string name; ///< projects/…/messages/…
    int status = 0;
    std::uint64_t connection = 0;
    std::chrono::milliseconds deviceDelay{0};
    std::string message; ///< the whole message as JSON; empty without journalBodies
};

/// One request to the TLS port.
struct FcmRequest
{
    std::uint64_t sequence = 0;
    std::chrono::system_clock::time_point time;
    std::string protocol; ///< "h2" or "http/1.1"
    std::uint64_t connection = 0;
    std::int32_t stream = 0;
    std::string method;
    std::string path;
    std::string address;
    int status = 0; ///< 0: not, or not wholly answered
    std::string errorCode;
    std::chrono::milliseconds delay{0};
    std::uint64_t delivered = 0; ///< sequence in the journal, 0 for none
    bool validateOnly = false;
};

/// Runs carillon-fake-fcm on free ports with a state folder of its own until the end of the object.
///
/// Functions block until the server has answered. Not thread-safe; the server ends with the thread that started it.
/// They throw std::runtime_error with what the server said.
class FakeFcm
{
public:
    /// Starts the program (CARILLON_FAKE_FCM overrides which) and waits until it answers. `arguments` are its further options.
    /// With `journalBodies` the journal holds whole messages, else neither title nor body.
    explicit FakeFcm(std::vector<std::string> arguments = {}, bool journalBodies = true);
    ~FakeFcm();
    FakeFcm(const FakeFcm&) = delete;
    FakeFcm& operator=(const FakeFcm&) = delete;

    const std::string& endpoint() const { return _endpoint; }           ///< https://127.0.0.1:PORT
    const std::string& adminEndpoint() const { return _adminEndpoint; } ///< http://127.0.0.1:PORT
    std::string project() const { return _project; }
    std::string caFile() const { return (_state / "ca.pem").string(); }
    std::string serviceAccountFile() const { return (_state / "service-account.json").string(); }
    std::string sendUrl() const { return _endpoint + "/v1/projects/" + _project + "/messages:send"; }
    const std::filesystem::path& stateFolder() const { return _state.path(); }

    void registerAddress(const std::string& text, const std::string& state = "valid");
    void registerAddresses(const std::vector<FcmAddress>& addresses);

    // Scripts are added to those already there; each answer is used up `times` times, then the next one's turn comes.
    void script(const std::string& address, const std::vector<FcmAnswer>& answers);
    void scriptWhereData(const std::string& key, const std::string& value, const std::vector<FcmAnswer>& answers);
    void scriptWhereTitle(const std::string& title, const std::vector<FcmAnswer>& answers);
    void scriptAll(const std::vector<FcmAnswer>& answers);
    void scriptTokens(const std::vector<FcmAnswer>& answers);
    void clearFaults();

    /// Delivered messages after the given sequence number, in order.
    std::vector<FcmDelivery> journal(std::uint64_t since = 0) const;
    std::vector<FcmRequest> requests(std::uint64_t since = 0) const;
    std::vector<FcmRequest> requestsTo(const std::string& address) const;

    /// The journal as soon as it holds `count` messages. Throws when it does not within `limit`.
    std::vector<FcmDelivery> waitForDeliveries(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

    void advanceClock(std::chrono::milliseconds by);
    void setTokenLife(std::chrono::seconds life);
    void revokeTokens();
    void reset();

    /// Any request to the admin API: the body of the answer. Throws when it is not 2xx.
    std::string admin(const std::string& method, const std::string& path, const std::string& body = {}) const;

    ChildProcess& process() { return *_process; }

    /// Ends the server with SIGTERM; its exit status.
    int stop();

    /// Starts it again on the same ports, with the same certificates and service account; journal, addresses and faults are gone.
    void start();

private:
    void launch(const std::string& port, const std::string& adminPort);
    void addScript(const std::string& match, const std::vector<FcmAnswer>& answers);

    std::vector<std::string> _arguments;
    TemporaryDirectory _state;
    std::unique_ptr<ChildProcess> _process;
    std::string _endpoint;
    std::string _adminEndpoint;
    std::string _project;
};

} // namespace carillon::tests
