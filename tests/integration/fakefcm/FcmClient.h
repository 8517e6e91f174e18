#pragma once

#include "support/fakefcm/FakeFcm.h"

#include <cppunit/TestAssert.h>
#include <cppunit/TestFixture.h>
#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carillon::tests
{

using Json = nlohmann::json;

/// What curl made of one request.
struct Reply
{
    CURLcode outcome = CURLE_OK;
    long status = 0;
    long httpVersion = 0; ///< CURL_HTTP_VERSION_…
    long newConnections = 0;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;
    std::chrono::milliseconds took{0};

    Json json() const { return Json::parse(body); }

    // Of a Google error; empty when there is none.
    std::string message() const;
    std::string rpcStatus() const;
    std::string fcmErrorCode() const;
    Json detail(const std::string& type) const; ///< the detail whose @type ends with this; null when there is none
};

struct Post
{
    std::string url;
    std::string body;
    std::vector<std::string> headers = {};
};

/// A client of the fake server by libcurl and OpenSSL only: nothing of the code under test of other suites.
class FcmClient
{
public:
    explicit FcmClient(const FakeFcm& fake, bool http1 = false);

    Reply post(const Post& request);
    Reply get(const std::string& url);

    /// All at once, multiplexed over one connection on HTTP/2.
    std::vector<Reply> postAll(const std::vector<Post>& requests);

    /// Sends the message with an access token that is fetched when first needed.
    Reply send(const Json& message);
    Reply sendRaw(const std::string& body);
    Post sendRequest(const std::string& body);

    /// The reply of the token endpoint to an assertion with these claims and header fields changed (null removes one).
    Reply askForToken(const Json& claims = Json::object(), const Json& header = Json::object());
    std::string accessToken();
    void forgetToken() { _token.clear(); }

    Json serviceAccount() const;
    static std::string signedAssertion(const Json& header, const Json& claims, const std::string& privateKey);

private:
    struct Transfer;
    std::unique_ptr<Transfer> prepare(const Post& request, bool isPost);

    const FakeFcm& _fake;
    bool _http1;
    std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> _multi;
    std::string _token;
};

/// A server and a client of it for each test; not members of the suite, because CppUnit makes all its objects before the first test.
class FakeFcmFixture : public CppUnit::TestFixture
{
public:
    void setUp() override { start({}); }
    void tearDown() override
    {
        _clientOwner.reset();
        // Also how a sanitizer's report at the server's end fails the test.
        const int status = _fakeOwner->process().isRunning() ? _fakeOwner->stop() : 0;
        _fakeOwner.reset();
        CPPUNIT_ASSERT_EQUAL(0, status);
    }

protected:
    void start(const std::vector<std::string>& arguments)
    {
        _clientOwner.reset();
        _fakeOwner.reset();
        _fakeOwner = std::make_unique<FakeFcm>(arguments);
        _clientOwner = std::make_unique<FcmClient>(*_fakeOwner);
    }
    FakeFcm& fake() { return *_fakeOwner; }
    FcmClient& client() { return *_clientOwner; }

private:
    std::unique_ptr<FakeFcm> _fakeOwner;
    std::unique_ptr<FcmClient> _clientOwner;
};

/// {"token": address, "data": {…}}
Json dataMessage(const std::string& address, const Json& data = {{"k", "v"}});

} // namespace carillon::tests
