#include "integration/fakefcm/FcmClient.h"
#include "integration/fakefcm/RawPeer.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;

/// The limit of concurrent streams, seen by a peer that does not keep to it (curl does).
class StreamLimitTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(StreamLimitTest);
    CPPUNIT_TEST(settingsAnnounceAHundredStreams);
    CPPUNIT_TEST(streamTooManyIsRefusedAlone);
    CPPUNIT_TEST(streamTooManyEndsTheConnectionAsAtFcm);
    CPPUNIT_TEST(curlKeepsToTheAnnouncedLimit);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint8_t goAway = 7;
    static constexpr std::uint8_t rstStream = 3;

    /// Opens `count` streams whose requests never end.
    static void openStreams(RawPeer& peer, int count)
    {
        std::string frames = RawPeer::http2Preface();
        for (int i = 0; i < count; ++i)
            frames += RawPeer::http2Headers(static_cast<std::uint32_t>(2 * i + 1), "POST", "/v1/projects/demo/messages:send");
        peer.write(frames);
    }

public:
    void settingsAnnounceAHundredStreams()
    {
        RawPeer peer(fake(), "h2");
        peer.write(RawPeer::http2Preface());

        const auto settings = peer.readFrame(4);

        CPPUNIT_ASSERT(settings.has_value());
        // SETTINGS_MAX_CONCURRENT_STREAMS (3) = 100
        CPPUNIT_ASSERT(settings->payload.find(std::string("\0\3\0\0\0\x64", 6)) != std::string::npos);
        CPPUNIT_ASSERT(peer.readFrame(4).has_value()); // our settings are acknowledged
    }

    void streamTooManyIsRefusedAlone()
    {
        RawPeer peer(fake(), "h2");
        openStreams(peer, 101);

        const auto refused = peer.readFrame(rstStream);

        CPPUNIT_ASSERT(refused.has_value());
        CPPUNIT_ASSERT_EQUAL(201U, refused->stream);
        CPPUNIT_ASSERT_EQUAL(std::string("\0\0\0\7", 4), refused->payload); // REFUSED_STREAM
    }

    void streamTooManyEndsTheConnectionAsAtFcm()
    {
        start({"--excess-streams", "goaway", "--max-streams", "10"});
        RawPeer peer(fake(), "h2");
        openStreams(peer, 11);

        const auto end = peer.readFrame(goAway);

        CPPUNIT_ASSERT(end.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("\0\0\0\0\0\0\0\1", 8), end->payload.substr(0, 8)); // no stream processed, PROTOCOL_ERROR
        CPPUNIT_ASSERT_EQUAL(std::string("exceeded_max_concurrent_streams"), end->payload.substr(8));
        CPPUNIT_ASSERT(peer.waitForEnd(10s));
    }

    void curlKeepsToTheAnnouncedLimit()
    {
        start({"--max-streams", "3", "--excess-streams", "goaway", "--accept-any"});
        client().accessToken();
        std::vector<Post> posts(60, client().sendRequest(Json{{"message", dataMessage("a")}}.dump()));
        for (const Reply& reply : client().postAll(posts)) CPPUNIT_ASSERT_EQUAL(200L, reply.status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StreamLimitTest);

} // namespace carillon::tests
