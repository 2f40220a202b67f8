// Opens an ontology and its imports with the OWL API through an OASIS catalog, as Protégé does, adds a comment to one
// term of one imported file and saves that file in four syntaxes; nothing else is done.
// usage: java -cp <OWL API 5, as Protégé 5.6 has it> SaveEdited5.java ROOT.ttl catalog-v001.xml FILE-IRI TERM TEXT FOLDER

import java.io.File;
import javax.xml.parsers.DocumentBuilderFactory;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.FunctionalSyntaxDocumentFormat;
import org.semanticweb.owlapi.formats.OWLXMLDocumentFormat;
import org.semanticweb.owlapi.formats.RDFXMLDocumentFormat;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLDataFactory;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLDocumentFormat;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.util.SimpleIRIMapper;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class SaveEdited5 {
    public static void main(String[] arguments) throws Exception {
        File catalog = new File(arguments[1]);
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        NodeList entries = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(catalog).getElementsByTagName("uri");
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            IRI document = IRI.create(new File(catalog.getParentFile(), entry.getAttribute("uri")));
            manager.getIRIMappers().add(new SimpleIRIMapper(IRI.create(entry.getAttribute("name")), document));
        }
        manager.loadOntologyFromOntologyDocument(new File(arguments[0]));
        OWLOntology edited = null;
        for (OWLOntology one : manager.ontologies().toArray(OWLOntology[]::new)) {
            if (one.getOntologyID().getOntologyIRI().get().equals(IRI.create(arguments[2]))) edited = one;
        }
        OWLDataFactory factory = manager.getOWLDataFactory();
        manager.addAxiom(edited, factory.getOWLAnnotationAssertionAxiom(
            factory.getRDFSComment(), IRI.create(arguments[3]), factory.getOWLLiteral(arguments[4], "de")));
        save(manager, edited, new TurtleDocumentFormat(), new File(arguments[5], "saved.ttl"));
        save(manager, edited, new RDFXMLDocumentFormat(), new File(arguments[5], "saved.rdf"));
        save(manager, edited, new OWLXMLDocumentFormat(), new File(arguments[5], "saved.owx"));
        save(manager, edited, new FunctionalSyntaxDocumentFormat(), new File(arguments[5], "saved.ofn"));
        System.out.println("ontologies=" + manager.ontologies().count());
    }

    private static void save(OWLOntologyManager manager, OWLOntology ontology, OWLDocumentFormat format, File file) throws Exception {
        manager.saveOntology(ontology, format, IRI.create(file));
    }
}
