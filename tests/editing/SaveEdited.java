// Opens an ontology and its imports with the OWL API through an OASIS catalog, as Protégé does, adds a comment to one
// term of one imported file and saves that file in four syntaxes; nothing else is done.
// usage: java -cp <OWL API 3.4, as it lies beside HermiT> SaveEdited.java ROOT.ttl catalog-v001.xml FILE-IRI TERM TEXT FOLDER

import java.io.File;
import javax.xml.parsers.DocumentBuilderFactory;
import org.coode.owlapi.turtle.TurtleOntologyFormat;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.io.OWLFunctionalSyntaxOntologyFormat;
import org.semanticweb.owlapi.io.OWLXMLOntologyFormat;
import org.semanticweb.owlapi.io.RDFXMLOntologyFormat;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLDataFactory;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyFormat;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.util.SimpleIRIMapper;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class SaveEdited {
    public static void main(String[] arguments) throws Exception {
        File catalog = new File(arguments[1]);
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        NodeList entries = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(catalog).getElementsByTagName("uri");
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            IRI document = IRI.create(new File(catalog.getParentFile(), entry.getAttribute("uri")));
            manager.addIRIMapper(new SimpleIRIMapper(IRI.create(entry.getAttribute("name")), document));
        }
        manager.loadOntologyFromOntologyDocument(new File(arguments[0]));
        OWLOntology edited = null;
        for (OWLOntology one : manager.getOntologies()) {
            if (one.getOntologyID().getOntologyIRI().equals(IRI.create(arguments[2]))) edited = one;
        }
        OWLDataFactory factory = manager.getOWLDataFactory();
        manager.addAxiom(edited, factory.getOWLAnnotationAssertionAxiom(
            factory.getRDFSComment(), IRI.create(arguments[3]), factory.getOWLLiteral(arguments[4], "de")));
        save(manager, edited, new TurtleOntologyFormat(), new File(arguments[5], "saved.ttl"));
        save(manager, edited, new RDFXMLOntologyFormat(), new File(arguments[5], "saved.rdf"));
        save(manager, edited, new OWLXMLOntologyFormat(), new File(arguments[5], "saved.owx"));
        save(manager, edited, new OWLFunctionalSyntaxOntologyFormat(), new File(arguments[5], "saved.ofn"));
        System.out.println("ontologies=" + manager.getOntologies().size());
    }

    private static void save(OWLOntologyManager manager, OWLOntology ontology, OWLOntologyFormat format, File file) throws Exception {
        manager.saveOntology(ontology, format, IRI.create(file));
    }
}
