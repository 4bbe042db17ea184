#include "gateway/signature/xmldsig/calculator.hpp"

#include <libxml/xmlerror.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <vector>

namespace axis::signature {

namespace {

// Of one signature; every method of ours reaches it through the context's userData.
struct Work {
    const SignatureAlgorithm* algorithm;
    EVP_PKEY* key;
    std::string signed_bytes{};  // SignedInfo, canonical
    Verified verified = Verified::bad;
};

const xmlChar* xml(const char* text) {
    return reinterpret_cast<const xmlChar*>(text);
}

// -- our signature methods: xmlsec1 1.2 knows no PSS, and does not tell a wrong value from a wrong form

int collect(xmlSecTransformPtr transform, int last, xmlSecTransformCtxPtr context) {
    auto& work = *static_cast<Work*>(context->userData);
    if (transform->status == xmlSecTransformStatusNone) transform->status = xmlSecTransformStatusWorking;
    if (transform->status != xmlSecTransformStatusWorking) return 0;
    const auto size = xmlSecBufferGetSize(&transform->inBuf);
    if (size > 0) {
        work.signed_bytes.append(reinterpret_cast<const char*>(xmlSecBufferGetData(&transform->inBuf)), size);
        if (xmlSecBufferRemoveHead(&transform->inBuf, size) < 0) return -1;
    }
    if (last != 0) transform->status = xmlSecTransformStatusFinished;
    return 0;
}

// r and s in fewer octets than the key has, as long as both have the same number: Java once wrote them so,
// and such signatures are about (corpora/signature, enveloped-ecdsa-java-bug).
std::string padded(const Work& work, std::string value) {
    if (work.algorithm->kind != KeyKind::ecdsa || value.size() % 2 != 0) return value;
    const auto whole = (static_cast<std::size_t>(EVP_PKEY_get_bits(work.key)) + 7) / 8;
    const auto half = value.size() / 2;
    if (half == 0 || half >= whole) return value;
    const std::string zeros(whole - half, '\0');
    return zeros + value.substr(0, half) + zeros + value.substr(half);
}

int verify(
    xmlSecTransformPtr transform, const xmlSecByte* value, xmlSecSize size, xmlSecTransformCtxPtr context
) {
    auto& work = *static_cast<Work*>(context->userData);
    const auto octets = padded(work, {reinterpret_cast<const char*>(value), size});
    work.verified = verify_value(*work.algorithm, work.key, work.signed_bytes, octets);
    transform->status = work.verified == Verified::good ? xmlSecTransformStatusOk : xmlSecTransformStatusFail;
    return 0;
}

int begin(xmlSecTransformPtr) {
    return 0;
}
int take_key(xmlSecTransformPtr, xmlSecKeyPtr) {
    return 0;
}
int want_key(xmlSecTransformPtr, xmlSecKeyReqPtr) {
    return 0;
}

xmlSecTransformKlass method_of(const SignatureAlgorithm& algorithm) {
    std::remove_const_t<xmlSecTransformKlass> method{};
    method.klassSize = sizeof(xmlSecTransformKlass);
    method.objSize = sizeof(xmlSecTransform);
    method.name = xml(algorithm.name.data());
    method.href = xml(algorithm.uri.data());
    method.usage = xmlSecTransformUsageSignatureMethod;
    method.initialize = begin;
    method.setKeyReq = want_key;
    method.setKey = take_key;
    method.verify = verify;
    method.getDataType = xmlSecTransformDefaultGetDataType;
    method.pushBin = xmlSecTransformDefaultPushBin;
    method.popBin = xmlSecTransformDefaultPopBin;
    method.execute = collect;
    return method;
}

// -- the key xmlsec1 insists on: an empty one

xmlSecKeyDataKlass placeholder_klass() {
    std::remove_const_t<xmlSecKeyDataKlass> klass{};
    klass.klassSize = sizeof(xmlSecKeyDataKlass);
    klass.objSize = sizeof(xmlSecKeyData);
    klass.name = xml("axis-placeholder");
    return klass;
}

// -- the library

class Library {
public:
    static const Library& started() {
        static const Library library;
        return library;
    }

    const std::vector<std::unique_ptr<std::remove_const_t<xmlSecTransformKlass>>>& methods() const {
        return methods_;
    }

    xmlSecKeyPtr placeholder() const {
        auto* key = xmlSecKeyCreate();
        auto* data = xmlSecKeyDataCreate(&placeholder_);
        if (key == nullptr || data == nullptr || xmlSecKeySetValue(key, data) < 0) throw std::bad_alloc{};
        return key;
    }

private:
    Library() {
        for (const auto& algorithm : signature_algorithms())
            methods_.push_back(std::make_unique<std::remove_const_t<xmlSecTransformKlass>>(method_of(algorithm
            )));
        if (xmlSecInit() < 0) throw std::runtime_error("xmlsec1 does not start");
        xmlSecErrorsSetCallback(
            [](const char*, int, const char*, const char*, const char*, int, const char*) {}
        );
        xmlSecIOCleanupCallbacks();  // no files, no HTTP, no FTP
        // Before the library's own: the first one of a name is found.
        for (const auto& method : methods_)
            if (xmlSecTransformIdsRegister(method.get()) < 0) throw std::bad_alloc{};
        if (xmlSecCryptoInit() < 0) throw std::runtime_error("xmlsec1-openssl does not start");
    }

    std::vector<std::unique_ptr<std::remove_const_t<xmlSecTransformKlass>>> methods_;
    xmlSecKeyDataKlass placeholder_ = placeholder_klass();
};

void unheard(void*, const char*, ...) {}

// What libxml2 would print of this thread.
class Silence {
public:
    Silence() {
        xmlSetGenericErrorFunc(nullptr, unheard);
        xmlSetStructuredErrorFunc(nullptr, [](void*, xmlErrorPtr) {});
    }
    ~Silence() {
        xmlSetGenericErrorFunc(generic_context_, generic_);
        xmlSetStructuredErrorFunc(structured_context_, structured_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    xmlGenericErrorFunc generic_ = xmlGenericError;
    void* generic_context_ = xmlGenericErrorContext;
    xmlStructuredErrorFunc structured_ = xmlStructuredError;
    void* structured_context_ = xmlStructuredErrorContext;
};

struct FreeContext {
    void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
};
using Context = std::unique_ptr<xmlSecDSigCtx, FreeContext>;

Context context_for(const Library& library, Work& work, bool with_xpath) {
    Context context{xmlSecDSigCtxCreate(nullptr)};  // no keys manager: KeyInfo is never read
    if (!context) throw std::bad_alloc{};
    context->transformCtx.userData = &work;
    context->signKey = library.placeholder();
    context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    context->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
    context->keyInfoReadCtx.maxRetrievalMethodLevel = 0;
    context->keyInfoReadCtx.maxEncryptedKeyLevel = 0;
    context->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    bool enabled = true;
    const auto canonical = {
        xmlSecTransformInclC14NId,
        xmlSecTransformInclC14NWithCommentsId,
        xmlSecTransformInclC14N11Id,
        xmlSecTransformInclC14N11WithCommentsId,
        xmlSecTransformExclC14NId,
        xmlSecTransformExclC14NWithCommentsId};
    for (const auto* method : canonical)
        enabled = enabled && xmlSecDSigCtxEnableReferenceTransform(context.get(), method) == 0 &&
                  xmlSecDSigCtxEnableSignatureTransform(context.get(), method) == 0;
    const auto others = {
        xmlSecTransformEnvelopedId,
        xmlSecTransformBase64Id,
        xmlSecTransformSha1Id,
        xmlSecTransformSha256Id,
        xmlSecTransformSha384Id,
        xmlSecTransformSha512Id};
    for (const auto* method : others)
        enabled = enabled && xmlSecDSigCtxEnableReferenceTransform(context.get(), method) == 0;
    if (with_xpath)
        enabled =
            enabled && xmlSecDSigCtxEnableReferenceTransform(context.get(), xmlSecTransformXPathId) == 0;
    for (const auto& method : library.methods())
        enabled = enabled && xmlSecDSigCtxEnableSignatureTransform(context.get(), method.get()) == 0;
    if (!enabled) throw std::bad_alloc{};
    return context;
}

Calculation::Outcome outcome_of(Verified verified) {
    switch (verified) {
        case Verified::good:
            return Calculation::Outcome::holds;
        case Verified::wrong_key:
            return Calculation::Outcome::wrong_key;
        case Verified::wrong_form:
            return Calculation::Outcome::wrong_form;
        case Verified::bad:
            break;
    }
    return Calculation::Outcome::value_differs;
}

}  // namespace

Calculation calculate(
    xmlNode* signature, const SignatureAlgorithm& algorithm, EVP_PKEY* key, bool with_xpath
) {
    const auto& library = Library::started();
    const Silence silence;
    Work work{&algorithm, key};
    const auto context = context_for(library, work, with_xpath);
    if (xmlSecDSigCtxVerify(context.get(), signature) < 0) return {};
    const auto count = xmlSecPtrListGetSize(&context->signedInfoReferences);
    for (xmlSecSize i = 0; i < count; ++i) {
        const auto* reference =
            static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(&context->signedInfoReferences, i));
        if (reference->status != xmlSecDSigStatusSucceeded) return {Calculation::Outcome::digest_differs, i};
    }
    const bool both = (context->status == xmlSecDSigStatusSucceeded) == (work.verified == Verified::good);
    if (count == 0 || !both) return {};
    return {outcome_of(work.verified), 0};
}

}  // namespace axis::signature
