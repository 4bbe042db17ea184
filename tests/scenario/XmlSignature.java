// Signs envelopes and verifies them with the JDK's javax.xml.crypto alone, as a partner's software in Java would. JDK 11 or later.
//   java XmlSignature.java verify ANCHOR.pem FILE…                        a line a file: "holds", or why not
//   java XmlSignature.java sign KEY.pem CERT.pem METHOD HASH C14N PREFIX IN OUT
import java.io.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import javax.xml.XMLConstants;
import javax.xml.crypto.*;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.*;
import javax.xml.crypto.dsig.keyinfo.*;
import javax.xml.crypto.dsig.spec.*;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.*;

class XmlSignature {
    static final String QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
    static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    public static void main(String[] a) throws Exception {
        if (a[0].equals("sign")) sign(a);
        else for (int i = 2; i < a.length; ++i) System.out.println(verdict(certificate(a[1]), a[i]));
    }

    static Document parse(String file) throws Exception {
        var builders = DocumentBuilderFactory.newInstance();
        builders.setNamespaceAware(true);
        builders.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return builders.newDocumentBuilder().parse(new File(file));
    }

    static X509Certificate certificate(String file) throws Exception {
        try (var in = new FileInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    // -- verifying

    static String verdict(X509Certificate anchor, String file) {
        try {
            return verify(anchor, parse(file));
        } catch (Exception e) {  // an altered file may fail at any step
            return "refused: " + e;
        }
    }

    static String verify(X509Certificate anchor, Document document) throws Exception {
        var signatures = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        if (signatures.getLength() != 1) return signatures.getLength() + " signatures";
        var context = new DOMValidateContext(new FirstCertificate(anchor), signatures.item(0));
        context.setProperty("org.jcp.xml.dsig.secureValidation", true);
        identify(context, document.getDocumentElement());
        var properties = document.getElementsByTagNameNS(XMLSignature.XMLNS, "SignatureProperties");
        for (int i = 0; i < properties.getLength(); ++i) identify(context, (Element) properties.item(i));
        var signature = FACTORY.unmarshalXMLSignature(context);
        if (!((Reference) signature.getSignedInfo().getReferences().get(0)).getURI().isEmpty()) return "not of the whole document";
        if (!signature.getSignatureValue().validate(context)) return "the value does not hold";
        return signature.validate(context) ? "holds" : "a digest does not hold";
    }

    static void identify(DOMValidateContext context, Element element) {
        if (element.hasAttributeNS(null, "Id")) context.setIdAttributeNS(element, null, "Id");
    }

    /** The signer's, when the anchor has issued it. */
    static class FirstCertificate extends KeySelector {
        final X509Certificate anchor;
        FirstCertificate(X509Certificate anchor) { this.anchor = anchor; }

        @Override public KeySelectorResult select(KeyInfo info, Purpose purpose, AlgorithmMethod method, XMLCryptoContext context)
                throws KeySelectorException {
            try {
                var data = (X509Data) info.getContent().get(0);
                var leaf = (X509Certificate) data.getContent().get(0);
                leaf.verify(anchor.getPublicKey());
                leaf.checkValidity();
                return leaf::getPublicKey;
            } catch (GeneralSecurityException | RuntimeException e) {
                throw new KeySelectorException(e);
            }
        }
    }

    // -- signing

    static PrivateKey key(String file, String algorithm) throws Exception {
        var text = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
    }

    static void sign(String[] a) throws Exception {
        var certificate = certificate(a[2]);
        var document = parse(a[7]);
        var header = document.getElementsByTagNameNS(QCVN, "edXMLHeader").item(0);
        var context = new DOMSignContext(key(a[1], certificate.getPublicKey().getAlgorithm()), header);
        if (!a[6].isEmpty()) context.setDefaultNamespacePrefix(a[6]);
        var transforms = List.of(FACTORY.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                                 FACTORY.newTransform(a[5], (TransformParameterSpec) null));
        var reference = FACTORY.newReference("", FACTORY.newDigestMethod(a[4], null), transforms, null, null);
        var info = FACTORY.newSignedInfo(FACTORY.newCanonicalizationMethod(a[5], (C14NMethodParameterSpec) null),
                                         FACTORY.newSignatureMethod(a[3], null), List.of(reference));
        var keys = FACTORY.getKeyInfoFactory();
        FACTORY.newXMLSignature(info, keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate))))).sign(context);
        TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), new StreamResult(new File(a[8])));
    }
}
