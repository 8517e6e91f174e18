#include "push/fcm/FcmMessage.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

namespace carillon::push::fcm
{
namespace
{

using Buffer = rapidjson::StringBuffer;
using Writer =
    rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator, rapidjson::kWriteValidateEncodingFlag>;

PushResult refusal(std::string code, std::string detail)
{
    PushResult result;
    result.outcome = PushOutcome::PayloadRefused;
    result.code = std::move(code);
    result.detail = std::move(detail);
    return result;
}

/// The union of what Google's two pages reserve: the schema ("from", "message_type", "google.", "gcm.notification.") and the error codes'
/// page.
bool isReserved(std::string_view key)
{
    return key == "from" || key == "message_type" || key == "gcm" || key.starts_with("gcm.") || key.starts_with("google");
}

std::optional<PushResult> check(const PushRequest& request, TimePoint now)
{
    if (request.address.empty()) return refusal("no_target", "the push has no address; register the device again");
    if (request.addressKind != "fid" && request.addressKind != "token")
        return refusal("unknown_address_kind",
                       "FCM takes addresses of the kinds 'fid' and 'token' only; register the device with one of them");
    if (request.tag.size() > FcmMessage::maxTag)
        return refusal("tag_too_long",
                       fmt::format("the tag has {} bytes, APNs takes {} at most; shorten it", request.tag.size(), FcmMessage::maxTag));
    // The key may come from a sender's free data: it is named by its rule, not by its text.
    if (std::any_of(request.data.begin(), request.data.end(), [](const auto& entry) { return isReserved(entry.first); }))
        return refusal("reserved_data_key",
                       "a key of 'data' is 'from', 'message_type', 'gcm' or begins with 'gcm.' or 'google', which FCM reserves; rename it");
    if (request.expiresAt && *request.expiresAt < now) return refusal("expired", "the push expired before it could be sent");
    return std::nullopt;
}

/// Remembers that one string was no UTF-8: then the writer wrote nothing for it and the text is worthless.
class CheckedWriter
{
public:
    explicit CheckedWriter(Buffer& buffer) : _writer(buffer) {}

    void key(std::string_view text) { _isValid &= _writer.Key(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
    void text(std::string_view text) { _isValid &= _writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
    void member(std::string_view name, std::string_view value)
    {
        key(name);
        text(value);
    }
    void flag(std::string_view name, bool value)
    {
        key(name);
        _writer.Bool(value);
    }
    void open(std::string_view name)
    {
        key(name);
        _writer.StartObject();
    }
    void open() { _writer.StartObject(); }
    void close() { _writer.EndObject(); }
    bool isValid() const { return _isValid; }

private:
    Writer _writer;
    bool _isValid = true;
};

} // namespace

std::optional<PushResult> FcmMessage::write(const PushRequest& request, TimePoint now, std::string& json) const
{
    if (auto refused = check(request, now)) return refused;

    using std::chrono::floor;
    using std::chrono::seconds;
    // FCM rounds down to whole seconds. Longer than its limit is cut, not refused: the message outlives what any provider would keep.
    const seconds ttl = request.expiresAt ? std::min(floor<seconds>(*request.expiresAt - now), maxTtl) : _options.ttl;
    const bool hasNotification = !request.title.empty() || !request.body.empty();

    static thread_local Buffer buffer;
    buffer.Clear();
    CheckedWriter writer(buffer);
    writer.open();
    if (_options.validateOnly || request.isDryRun) writer.flag("validateOnly", true);
    writer.open("message");
    writer.member(request.addressKind, request.address);

    const std::size_t payloadStart = buffer.GetSize();
    if (hasNotification)
    {
        writer.open("notification");
        if (!request.title.empty()) writer.member("title", request.title);
        if (!request.body.empty()) writer.member("body", request.body);
        writer.close();
    }
    if (!request.data.empty())
    {
        writer.open("data");
        for (const auto& [name, value] : request.data) writer.member(name, value);
        writer.close();
    }
    const std::size_t payload = buffer.GetSize() - payloadStart;

    writer.open("android");
    writer.member("priority", request.isUrgent ? "HIGH" : "NORMAL");
    writer.member("ttl", fmt::format("{}s", ttl.count()));
    if (hasNotification && (!request.tag.empty() || request.isPrivate))
    {
        writer.open("notification");
        if (!request.tag.empty()) writer.member("tag", request.tag);
        if (request.isPrivate) writer.member("visibility", "PRIVATE");
        writer.close();
    }
    writer.close();

    writer.open("apns");
    writer.open("headers");
    if (!request.tag.empty()) writer.member("apns-collapse-id", request.tag);
    // 0 means now or never, as a ttl of 0 does; a moment in the past would be an error.
    const auto expiration = ttl.count() == 0 ? 0 : floor<seconds>(now.time_since_epoch() + ttl).count();
    writer.member("apns-expiration", fmt::format("{}", expiration));
    // Apple refuses priority 10 for a push that shows nothing.
    writer.member("apns-priority", request.isUrgent && hasNotification ? "10" : "5");
    writer.close();
    writer.close();

    writer.close();
    writer.close();

    if (!writer.isValid()) return refusal("invalid_utf8", "title, body, data, tag or address is not UTF-8; the sender must encode it");
    if (payload > maxPayload)
        return refusal(
            "payload_too_large",
            fmt::format("notification and data have {} bytes, FCM takes {}; shorten the text or send a reference", payload, maxPayload));
    json.assign(buffer.GetString(), buffer.GetSize());
    return std::nullopt;
}

} // namespace carillon::push::fcm
